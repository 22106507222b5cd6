/**
 * Decides whether two configs can be compared. Differences that the file declares are under test; any other difference
 * that evidence shows voids the comparison, unless the file accepts it. Configs that answer different shares of
 * requests are not compared, because latencies cover only successful requests.
 */
import type { Config, MeasuredConfig } from '../experiment/experiment.ts'
import { requestedVersion } from '../experiment/target-kinds.ts'
import type { FactId } from '../results/facts.ts'
import type { TrialHeader } from '../results/record.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { ConfigAnalysis } from './analysis.ts'
import type { DifferenceId, Obstacle, UndeclaredDifference } from './obstacle.ts'
import { voidingAudit } from './audits/config-audits.ts'
import { endedOf } from './config-figures.ts'
import type { Figure } from './figure.ts'
import { okRateDifference } from './ok-rates.ts'
import { haveSameContent, differInParameter } from './model-content.ts'
import { declareModels } from './ranking.ts'
import { isSameFact } from './trial-facts.ts'

/** At least this many answers must be cut at one length to show a limit. Fewer may have been cut by a full context. */
const minCutAnswers = 3

/**
 * Empty if a side has no evidence, because then nothing shows a difference. For a document, only the facts that it
 * states about its server are compared. The file contains them, so they do not make the comparison invalid.
 */
export function undeclaredDifferences(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
): readonly UndeclaredDifference[] {
  if (from.cells !== undefined || to.cells !== undefined)
    return distinct(pairsOf(from, to).flatMap((pair) => undeclaredDifferences(...pair)))
  const [fromConfig, toConfig] = [from.config, to.config]
  if (fromConfig.kind === 'recorded' || toConfig.kind === 'recorded')
    return serverDifferences(
      { config: fromConfig, analysis: from },
      { config: toConfig, analysis: to },
    ).map((difference) => ({ ...difference, accepted: true, stated: true }))
  const accept = new Set([...fromConfig.accept, ...toConfig.accept])
  return differences(
    { config: fromConfig, analysis: from },
    { config: toConfig, analysis: to },
  ).map((difference) => ({
    ...difference,
    accepted: accept.has(difference.id),
  }))
}

/**
 * Returns a function that gives the reason why a metric of the two configs is not compared: undeclared differences, a
 * failed audit that voids the metric, unequal success rates, or sources that count differently.
 * @param from the config to compare with; absent for a claim about one config, for which the only obstacle is an audit
 * @param forCauses true when causes are sought: undeclared differences and a late load generator are then possible
 *   causes, not obstacles
 */
export function obstaclesBetween(
  from: ConfigAnalysis | undefined,
  to: ConfigAnalysis | undefined,
  forCauses = false,
): (metric: Metric) => Obstacle | undefined {
  if (from?.cells !== undefined && to?.cells !== undefined) {
    const ofPairs = pairsOf(from, to).map((pair) => obstaclesBetween(...pair, forCauses))
    return (metric) => ofPairs.map((obstacleTo) => obstacleTo(metric)).find((each) => each)
  }
  const sides = [to, from].filter((side) => side !== undefined)
  const undeclared =
    forCauses || from === undefined || to === undefined ? [] : undeclaredDifferences(from, to)
  const differences = undeclared.filter(({ accepted }) => !accepted)
  const okRates = okRateDifference(from, to)
  return (metric) => {
    if (differences.length > 0) return { code: 'not-comparable', differences }
    const samples = datasetObstacle(metric, from, to)
    if (samples !== undefined) return samples
    for (const side of sides) {
      const audit = voidingAudit(metric, side, forCauses)
      if (audit !== undefined) return { code: 'audit', audit, config: side.config.key }
    }
    return metric.id !== 'okRate' && okRates?.kind === 'different'
      ? { code: 'ok-rates', from: okRates.from, to: okRates.to }
      : sourceObstacle(from?.figures.get(metric.id), to?.figures.get(metric.id))
  }
}

/** The cells of the two sides in pairs; for two single configs, one pair. */
function pairsOf(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
): readonly (readonly [from: ConfigAnalysis, to: ConfigAnalysis])[] {
  const others = to.cells ?? [to]
  return (from.cells ?? [from]).flatMap((cell, index) => {
    const other = others[index]
    return other === undefined ? [] : [[cell, other] as const]
  })
}

function distinct(differences: readonly UndeclaredDifference[]): readonly UndeclaredDifference[] {
  return [...new Map(differences.map((each) => [JSON.stringify(each), each])).values()]
}

function sourceObstacle(from: Figure | undefined, to: Figure | undefined): Obstacle | undefined {
  if (from?.sources === undefined || to?.sources === undefined) return undefined
  const [fromText, toText] = [from.sources.join(', '), to.sources.join(', ')]
  return fromText === toText ? undefined : { code: 'sources', from: fromText, to: toText }
}

interface Side<AnyConfig extends Config = MeasuredConfig> {
  readonly config: AnyConfig
  readonly analysis: ConfigAnalysis
}
type Difference = Omit<UndeclaredDifference, 'accepted' | 'stated'>

/** Differences of servers and models, which facts show. */
function serverDifferences(from: Side<Config>, to: Side<Config>): readonly Difference[] {
  const [fromConfig, toConfig] = [from.config, to.config]
  const isMeasured = fromConfig.kind === 'measured' && toConfig.kind === 'measured'
  const declaresModels = isMeasured && declareModels([fromConfig, toConfig])
  const declaresContexts =
    fromConfig.options['num_ctx'] !== toConfig.options['num_ctx'] ||
    fromConfig.env['OLLAMA_CONTEXT_LENGTH'] !== toConfig.env['OLLAMA_CONTEXT_LENGTH'] ||
    // The contexts follow from the parameters of the models, which are compared on their own.
    differInParameter('num_ctx', from.analysis.facts, to.analysis.facts)
  return [
    ...(isMeasured && declaresVersions(fromConfig, toConfig)
      ? []
      : factDifferences('serverVersion', from, to)),
    ...(declaresModels ? [] : modelDifferences(from, to)),
    ...(declaresContexts ? [] : factDifferences('contextLength', from, to)),
    ...(declaresModels ? [] : otherModelDifferences(from, to)),
  ]
}

/** Differences between the models of two mixes, except for the first model, which `facts` describe. */
function otherModelDifferences(from: Side<Config>, to: Side<Config>): readonly Difference[] {
  return [...(from.analysis.otherModels ?? [])].flatMap(([name, fromFacts]) => {
    const toFacts = to.analysis.otherModels?.get(name)
    if (toFacts === undefined) return []
    const [one, other] = [
      { ...from, analysis: { ...from.analysis, facts: fromFacts } },
      { ...to, analysis: { ...to.analysis, facts: toFacts } },
    ]
    return modelDifferences(one, other)
  })
}

/**
 * If only the parameters of a model differ, its digest differs too: names the parameters as the difference, not the
 * digest.
 */
function modelDifferences(from: Side<Config>, to: Side<Config>): readonly Difference[] {
  return [
    ...(haveSameContent(from.analysis.facts, to.analysis.facts)
      ? factDifferences('modelParameters', from, to)
      : factDifferences('modelDigest', from, to)),
    ...factDifferences('quantization', from, to),
  ]
}

function differences(from: Side, to: Side): readonly Difference[] {
  const [fromConfig, toConfig] = [from.config, to.config]
  const declaresLimits = fromConfig.options['num_predict'] !== toConfig.options['num_predict']
  const sameDataset = !useDifferentDatasets(fromConfig, toConfig)
  const samePrompt =
    sameDataset &&
    JSON.stringify(fromConfig.workload.mix) === JSON.stringify(toConfig.workload.mix) &&
    fromConfig.workload.prompt === toConfig.workload.prompt &&
    fromConfig.workload.system === toConfig.workload.system
  return [
    ...serverDifferences(from, to),
    ...(sameDataset ? headerDifferences('dataset', from, to, ({ dataset }) => dataset.digest) : []),
    ...headerDifferences('options', from, to, undeclaredOptions(fromConfig, toConfig)),
    ...(declaresLimits ? [] : answerLimitDifferences(from, to)),
    ...(samePrompt ? promptDifferences(from, to) : []),
  ]
}

/** True if the file names different datasets for the configs. */
function useDifferentDatasets(from: Config, to: Config): boolean {
  return (
    from.kind === 'measured' && to.kind === 'measured' && from.dataset.digest !== to.dataset.digest
  )
}

/** Scores belong to the samples of a dataset, so scores of different datasets are not compared. */
function datasetObstacle(
  metric: Metric,
  from: ConfigAnalysis | undefined,
  to: ConfigAnalysis | undefined,
): Obstacle | undefined {
  const [one, other] = [from?.config, to?.config]
  if (metric.family !== 'score' || one?.kind !== 'measured' || other?.kind !== 'measured')
    return undefined
  if (!useDifferentDatasets(one, other)) return undefined
  const names = { from: one.dataset.name, to: other.dataset.name }
  return { code: 'not-comparable', differences: [{ id: 'dataset', ...names, accepted: false }] }
}

/** True if both targets name a version and the versions differ: then the version is under test. */
function declaresVersions(from: MeasuredConfig, to: MeasuredConfig): boolean {
  const [fromVersion, toVersion] = [requestedVersion(from.target), requestedVersion(to.target)]
  return fromVersion !== undefined && toVersion !== undefined && fromVersion !== toVersion
}

/** The difference between the values that evidence shows for a fact. Empty if a side has no evidence. */
function factDifferences(
  id: FactId & DifferenceId,
  from: Side<Config>,
  to: Side<Config>,
): readonly Difference[] {
  const [fromValues, toValues] = [from, to].map(({ analysis }) =>
    analysis.facts.get(id)?.values.map(String).toSorted(),
  )
  if (fromValues === undefined || toValues === undefined) return []
  const [fromText, toText] = [fromValues.join(', '), toValues.join(', ')]
  return isSameFact(id, fromText, toText) ? [] : [{ id, from: fromText, to: toText }]
}

/** The differences between the headers of the trials, which may come from an older version of the experiment file. */
function headerDifferences(
  id: DifferenceId,
  from: Side,
  to: Side,
  valueOf: (header: TrialHeader) => string | undefined,
): readonly Difference[] {
  const [fromValue, toValue] = [from, to].map(({ analysis }) => valuesOf(analysis, valueOf))
  return fromValue === undefined || toValue === undefined || fromValue === toValue
    ? []
    : [{ id, from: fromValue, to: toValue }]
}

function valuesOf(
  { trials }: ConfigAnalysis,
  valueOf: (header: TrialHeader) => string | undefined,
): string | undefined {
  const values = new Set(endedOf(trials).flatMap(({ header }) => valueOf(header) ?? []))
  return values.size === 0 ? undefined : [...values].toSorted().join(', ')
}

/** Returns a function that gives the options of a trial as text, without those that the file declares to differ. */
function undeclaredOptions(from: MeasuredConfig, to: MeasuredConfig) {
  const declared = (name: string) =>
    JSON.stringify(from.options[name]) !== JSON.stringify(to.options[name])
  return ({ settings }: TrialHeader): string =>
    Object.entries(settings.options)
      .filter(([name]) => !declared(name))
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .toSorted()
      .join(' ')
}

/** Returns a difference if one side cut its answers at one length, and the other side has longer answers. */
function answerLimitDifferences(from: Side, to: Side): readonly Difference[] {
  const [fromLengths, toLengths] = [from, to].map(({ analysis }) => answerLengthsOf(analysis))
  if (fromLengths === undefined || toLengths === undefined) return []
  const isExceeded = (limit: number | undefined, longest: number) =>
    limit !== undefined && longest > limit
  if (
    !isExceeded(fromLengths.limit, toLengths.longest) &&
    !isExceeded(toLengths.limit, fromLengths.longest)
  )
    return []
  const text = ({ limit, longest }: typeof fromLengths) =>
    limit === undefined ? `≥ ${longest}` : String(limit)
  return [{ id: 'answerLimit', from: text(fromLengths), to: text(toLengths) }]
}

function answerLengthsOf({ trials }: ConfigAnalysis) {
  const tallies = endedOf(trials).map((trial) => trial.tallies)
  const longest = Math.max(0, ...tallies.map(({ maxOutputTokens }) => maxOutputTokens))
  const cut = tallies.reduce((sum, { doneReasons }) => sum + (doneReasons.get('length') ?? 0), 0)
  const cuts = tallies.flatMap(({ cutLength }) => cutLength ?? [])
  const [limit, ...others] = new Set(cuts.map(({ tokens }) => tokens))
  const atLimit = cuts.reduce((sum, { answers }) => sum + answers, 0)
  const isLimit = others.length === 0 && atLimit === cut && cut >= minCutAnswers
  return { longest, limit: isLimit ? limit : undefined }
}

/** Returns a difference if the two sides sent different prompts for the same samples. */
function promptDifferences(from: Side, to: Side): readonly Difference[] {
  const [fromDigests, toDigests] = [from, to].map(({ analysis }) => promptsOf(analysis))
  const changed = [...(fromDigests ?? [])].filter(([sample, fromDigest]) => {
    const toDigest = toDigests?.get(sample)
    return toDigest !== undefined && toDigest !== fromDigest
  })
  // Both sides show the same number: that of the samples whose prompts differ.
  const count = String(changed.length)
  return changed.length === 0 ? [] : [{ id: 'prompts', from: count, to: count }]
}

function promptsOf({ trials }: ConfigAnalysis): ReadonlyMap<string, string> {
  return new Map(endedOf(trials).flatMap(({ tallies }) => [...tallies.promptDigests]))
}
