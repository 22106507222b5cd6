/**
 * Finds out why one config is slower than another. Input: an experiment and its analysis. Output: for each pair that is
 * worth explaining, the causes found, the causes ruled out, and the causes that stored results cannot decide. Rules
 * return codes and numbers; the report turns them into words. Pure.
 */
import { areLevelsOfOneLoad } from '../analysis/design-pairs.ts'
import type { Analysis, ConfigAnalysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { MetricId } from '../metrics/catalog.ts'
import { attribute, rank, rankOfShare } from './attribution.ts'
import { downgradeIfContradicted, downgradeIfUnproven } from './certainty.ts'
import type { Diagnosis, Explanation, Finding, Rank, WithCause } from './diagnosis.ts'
import { computedAtOnce } from './config-facts.ts'
import { gapParts } from './gap.ts'
import { explainedPairs, metricsOf, type ExplainedPair } from './pairs.ts'
import {
  ruledOut,
  type Found,
  type Missing,
  type RuleInput,
  type RuleResult,
  type Unchecked,
} from './rule.ts'
import { deliveryRules, failureRules, rules, settingRules, type Cause } from './rules.ts'
import { config, sharedStatement, type Statement } from './statement.ts'

/** The same analysis always gives the same diagnosis. */
export function diagnose(experiment: Experiment, analysis: Analysis): Diagnosis {
  const explanations = explainedPairs(experiment, analysis).map((pair) =>
    explain(pair, experiment, analysis),
  )
  const failures = failureRules.flatMap(({ id, examineFailures }) =>
    withCause(id, examineFailures(analysis.configs)),
  )
  const delivery = deliveryRules.flatMap(({ id, examineDelivery }) =>
    withCause(id, examineDelivery(analysis.configs)),
  )
  const settings = settingRules.flatMap(({ id, examineSettings }) =>
    withCause(
      id,
      reserveDocuments(analysis.configs, (withFacts) =>
        examineSettings(
          withFacts ? analysis.configs : withoutStatedFacts(analysis.configs),
          experiment,
        ),
      ),
    ),
  )
  const configsUnchecked = withOutcome([...failures, ...delivery, ...settings], 'unchecked')
  return {
    explanations,
    failures: withOutcome(failures, 'found')
      .map((found) => downgradeIfContradicted(found, 'okRate', analysis.configs))
      .map((found) => withoutTime(found, rankOfShare(found.failed?.share ?? 0)))
      .toSorted((one, other) => (other.failed?.share ?? 0) - (one.failed?.share ?? 0)),
    delivery: withOutcome(delivery, 'found')
      .map((found) => downgradeIfContradicted(found, 'ttftMean', analysis.configs))
      .map((found) => withoutTime(found, 'secondary')),
    settings: withOutcome(settings, 'found').map((found) => withoutTime(found)),
    configsRuledOut: withOutcome([...failures, ...delivery, ...settings], 'ruled-out'),
    configsUnchecked,
    factsToRecord: factsToRecord(
      [...explanations.flatMap(({ unchecked }) => unchecked), ...configsUnchecked],
      analysis,
    ),
  }
}

/** A finding about single configs, which accounts for no part of a difference. */
function withoutTime(found: WithCause<Found>, rank?: Rank): Finding {
  return { ...found, ...(rank && { rank }), ms: {}, totalMs: 0, savedMs: 0, sharedWith: [] }
}

function explain(pair: ExplainedPair, experiment: Experiment, analysis: Analysis): Explanation {
  const input: RuleInput = { experiment, configs: analysis.configs, ...pair }
  const results = rules.flatMap(({ id, examine }) =>
    withCause(
      id,
      ruleOutIfCostless(
        reserveDocuments([pair.subject, pair.reference], (withFacts) =>
          examine(withFacts ? input : inputWithoutStatedFacts(input)),
        ),
        pair,
      ),
    ),
  )
  const findings = withOutcome(results, 'found')
    .map((each) => downgradeIfUnproven(withKnownBound(each, pair), pair))
    .map((each) => (isOfLoad(pair, experiment) ? withFixesToTest(each) : each))
  return {
    subject: pair.subject.config.key,
    ...(pair.reference === undefined ? {} : { reference: pair.reference.config.key }),
    ...(pair.gap === undefined ? {} : { gap: pair.gap }),
    ...(pair.obstacle === undefined ? {} : { obstacle: pair.obstacle }),
    ...(pair.ratio === undefined ? {} : { ratio: pair.ratio }),
    findings: rank(attribute(findings, pair.gap), pair.gap),
    ruledOut: withOutcome(results, 'ruled-out'),
    unchecked: withOutcome(results, 'unchecked'),
  }
}

/**
 * Returns the result of a rule. If a finding needs facts that a document states about its server, it is at most likely
 * and has a reservation, because these facts were not measured.
 * @param examine returns the result with or without the facts of documents
 */
function reserveDocuments(
  sides: readonly (ConfigAnalysis | undefined)[],
  examine: (withFacts: boolean) => RuleResult,
): RuleResult {
  const result = examine(true)
  const documents = sides.filter((side) => side !== undefined).filter(hasStatedFacts)
  if (result?.outcome !== 'found' || documents.length === 0) return result
  const measured = examine(false)
  const isAsCertain = measured?.outcome === 'found' && measured.certainty === result.certainty
  if (isAsCertain && JSON.stringify(measured.evidence) === JSON.stringify(result.evidence))
    return result
  return {
    ...result,
    certainty: !isAsCertain && result.certainty === 'proven' ? 'likely' : result.certainty,
    reservations: [
      ...result.reservations,
      ...documents
        .filter(({ config: { key } }) => result.evidence.some((each) => names(each, key)))
        .map(({ config: { key } }) => sharedStatement('facts-stated', { config: config(key) })),
    ],
  }
}

function names({ values }: Statement, key: string): boolean {
  return Object.values(values).some((value) => 'config' in value && value.config === key)
}

function hasStatedFacts({ state, facts, figures }: ConfigAnalysis): boolean {
  return state === 'recorded' && (facts.size > 0 || figures.get('gpuShare')?.value !== undefined)
}

/** The configs without the facts that documents state about their servers. */
function withoutStatedFacts(configs: readonly ConfigAnalysis[]): readonly ConfigAnalysis[] {
  return configs.map((each) => {
    if (!hasStatedFacts(each)) return each
    const figures = new Map([...each.figures].filter(([id]) => id !== 'gpuShare'))
    return { ...each, facts: new Map(), figures }
  })
}

function inputWithoutStatedFacts({ comparison, ...input }: RuleInput): RuleInput {
  const configs = withoutStatedFacts(input.configs)
  const stripped = (side: ConfigAnalysis) => configs[input.configs.indexOf(side)] ?? side
  const { subject, reference } = input
  return {
    ...input,
    configs,
    subject: stripped(subject),
    ...(reference === undefined ? {} : { reference: stripped(reference) }),
    ...(comparison === undefined
      ? {}
      : {
          comparison: {
            ...comparison,
            undeclared: comparison.undeclared.filter(({ stated }) => stated !== true),
          },
        }),
  }
}

type Result = WithCause<NonNullable<RuleResult>>

function withCause(cause: Cause, result: RuleResult): readonly Result[] {
  return result === undefined ? [] : [{ ...result, cause }]
}

function withOutcome<Outcome extends Result['outcome']>(
  results: readonly Result[],
  outcome: Outcome,
): readonly Extract<Result, { outcome: Outcome }>[] {
  return results.filter(
    (each): each is Extract<Result, { outcome: Outcome }> => each.outcome === outcome,
  )
}

/** True if the two configs differ in their load only. */
function isOfLoad({ subject, reference }: ExplainedPair, { series = [] }: Experiment): boolean {
  return (
    reference !== undefined && areLevelsOfOneLoad(series, subject.config.key, reference.config.key)
  )
}

/**
 * Recommends to test the fixes first. The cost of a higher load does not show what a setting saves: if the compute is
 * used up, more slots do not raise throughput.
 */
function withFixesToTest<Finding extends Found>(found: Finding): Finding {
  return { ...found, fixes: found.fixes.map((fix) => ({ ...fix, needsExperiment: true as const })) }
}

/**
 * Changes the cost of a finding from `at-most` to `about` if the two sides compute different numbers of requests at
 * once: such requests slow each other down, so the difference in computing is then no upper bound.
 */
function withKnownBound<Finding extends Found>(found: Finding, pair: ExplainedPair): Finding {
  const [subject, reference] = [pair.subject, pair.reference].map(
    (side) => side && computedAtOnce(side),
  )
  const isComputing = found.maxMs.prefill !== undefined || found.maxMs.slowerTokens !== undefined
  const isBound = subject === undefined || reference === undefined || subject === reference
  return found.cost !== 'at-most' || !isComputing || isBound ? found : { ...found, cost: 'about' }
}

/** Rules out a found cause if no part that it may account for is slower beyond noise. */
function ruleOutIfCostless(
  result: RuleResult,
  { gap, reference, comparison }: ExplainedPair,
): RuleResult {
  if (result?.outcome !== 'found' || gap === undefined || reference === undefined) return result
  const affected = gapParts.filter((part) => result.maxMs[part] !== undefined)
  // If a part is not compared, nothing shows whether it costs time.
  const isCompared = (id: MetricId) => comparison?.changes.get(id)?.obstacle === undefined
  if (!affected.flatMap(metricsOf).every(isCompared)) return result
  const costs = affected.some((part) => gap.partsBeyondNoise.has(part) && gap.parts[part] > 0)
  if (affected.length === 0 || costs) return result
  return ruledOut(...result.evidence.slice(0, 1), sharedStatement('costs-nothing', {}))
}

/** The facts that are missing from the documents of recorded configs, each once. */
function factsToRecord(unchecked: readonly Unchecked[], { configs }: Analysis): readonly Missing[] {
  const recorded = new Set(
    configs.filter(({ state }) => state === 'recorded').map(({ config }) => config.key),
  )
  const missing = unchecked
    .flatMap((each) => each.missing)
    .filter(({ config }) => recorded.has(config))
  const isSame = (one: Missing, other: Missing) =>
    one.config === other.config && one.fact === other.fact
  return missing.filter((one, index) => missing.findIndex((other) => isSame(one, other)) === index)
}
