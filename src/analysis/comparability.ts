/**
 * Finds differences between two configs that the file does not declare. Declared differences are under test; any other
 * difference that evidence shows voids the comparison, unless the file accepts it.
 */
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { requestedVersion } from '../experiment/target-kinds.ts'
import type { FactId } from '../results/facts.ts'
import type { TrialHeader } from '../results/record.ts'
import type { ConfigAnalysis, DifferenceId, UndeclaredDifference } from './analysis.ts'
import { endedOf } from './config-figures.ts'

/** At least this many answers must be cut at one length to show a limit; fewer may have filled their context. */
const minCutAnswers = 3

/** Empty if a side is recorded or has no trials, because then nothing shows a difference. */
export function undeclaredDifferences(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
): readonly UndeclaredDifference[] {
  const [one, other] = [from.config, to.config]
  if (one.kind === 'recorded' || other.kind === 'recorded') return []
  const accept = new Set([...one.accept, ...other.accept])
  return differences({ config: one, analysis: from }, { config: other, analysis: to }).map(
    (difference) => ({
      ...difference,
      accepted: accept.has(difference.id),
    }),
  )
}

interface Side {
  readonly config: MeasuredConfig
  readonly analysis: ConfigAnalysis
}
type Difference = Omit<UndeclaredDifference, 'accepted'>

function differences(from: Side, to: Side): readonly Difference[] {
  const [one, other] = [from.config, to.config]
  const sameModel = one.model.name === other.model.name
  const declaredContext =
    one.options['num_ctx'] !== other.options['num_ctx'] ||
    one.env['OLLAMA_CONTEXT_LENGTH'] !== other.env['OLLAMA_CONTEXT_LENGTH']
  const declaredLimit = one.options['num_predict'] !== other.options['num_predict']
  const samePrompt =
    one.workload.prompt === other.workload.prompt && one.workload.system === other.workload.system
  return [
    ...(declaresVersions(one, other) ? [] : factDifferences('serverVersion', from, to)),
    ...(sameModel ? factDifferences('modelDigest', from, to) : []),
    ...(sameModel ? factDifferences('quantization', from, to) : []),
    ...(declaredContext ? [] : factDifferences('contextLength', from, to)),
    ...headerDifferences('dataset', from, to, ({ dataset }) => dataset.digest),
    ...headerDifferences('options', from, to, undeclaredOptions(one, other)),
    ...(declaredLimit ? [] : answerLimitDifferences(from, to)),
    ...(samePrompt ? promptDifferences(from, to) : []),
  ]
}

/** True if both targets name a version and the versions differ: then the version is under test. */
function declaresVersions(one: MeasuredConfig, other: MeasuredConfig): boolean {
  const [first, second] = [requestedVersion(one.target), requestedVersion(other.target)]
  return first !== undefined && second !== undefined && first !== second
}

/** Differing evidence about one fact. Empty if a side has no evidence. */
function factDifferences(id: FactId & DifferenceId, from: Side, to: Side): readonly Difference[] {
  const [one, other] = [from, to].map(({ analysis }) =>
    analysis.facts.get(id)?.values.map(String).toSorted(),
  )
  if (one === undefined || other === undefined) return []
  const [first, second] = [one.join(', '), other.join(', ')]
  return first === second ? [] : [{ id, from: first, to: second }]
}

/** Differing values in the headers of trials. Trials of an older version of the experiment file can differ. */
function headerDifferences(
  id: DifferenceId,
  from: Side,
  to: Side,
  valueOf: (header: TrialHeader) => string,
): readonly Difference[] {
  const [one, other] = [from, to].map(({ analysis }) => valuesOf(analysis, valueOf))
  return one === undefined || other === undefined || one === other
    ? []
    : [{ id, from: one, to: other }]
}

function valuesOf(
  { trials }: ConfigAnalysis,
  valueOf: (header: TrialHeader) => string,
): string | undefined {
  const values = new Set(endedOf(trials).map(({ header }) => valueOf(header)))
  return values.size === 0 ? undefined : [...values].toSorted().join(', ')
}

/** Returns the options that a trial sent as text, without those that the file declares to differ. */
function undeclaredOptions(one: MeasuredConfig, other: MeasuredConfig) {
  const declared = (name: string) =>
    JSON.stringify(one.options[name]) !== JSON.stringify(other.options[name])
  return ({ settings }: TrialHeader): string =>
    Object.entries(settings.options)
      .filter(([name]) => !declared(name))
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .toSorted()
      .join(' ')
}

/** Returns a difference if one side cut its answers at one length, and the other side has longer answers. */
function answerLimitDifferences(from: Side, to: Side): readonly Difference[] {
  const [one, other] = [from, to].map(({ analysis }) => answerLengthsOf(analysis))
  if (one === undefined || other === undefined) return []
  const isExceeded = (limit: number | undefined, longest: number) =>
    limit !== undefined && longest > limit
  if (!isExceeded(one.limit, other.longest) && !isExceeded(other.limit, one.longest)) return []
  const text = ({ limit, longest }: typeof one) =>
    limit === undefined ? `≥ ${longest}` : String(limit)
  return [{ id: 'answerLimit', from: text(one), to: text(other) }]
}

function answerLengthsOf({ trials }: ConfigAnalysis) {
  const tallies = endedOf(trials).map((trial) => trial.tallies)
  const longest = Math.max(0, ...tallies.map(({ maxOutputTokens }) => maxOutputTokens))
  const cut = tallies.reduce((sum, { doneReasons }) => sum + (doneReasons.get('length') ?? 0), 0)
  const cuts = tallies.flatMap(({ cutAt }) => cutAt ?? [])
  const [limit, ...others] = new Set(cuts.map(({ tokens }) => tokens))
  const atLimit = cuts.reduce((sum, { answers }) => sum + answers, 0)
  const isLimit = others.length === 0 && atLimit === cut && cut >= minCutAnswers
  return { longest, limit: isLimit ? limit : undefined }
}

/** Returns a difference if the two sides sent different prompts for the same samples. */
function promptDifferences(from: Side, to: Side): readonly Difference[] {
  const [one, other] = [from, to].map(({ analysis }) => promptsOf(analysis))
  const changed = [...(one ?? [])].filter(([sample, digest]) => {
    const otherDigest = other?.get(sample)
    return otherDigest !== undefined && otherDigest !== digest
  })
  const count = String(changed.length)
  return changed.length === 0 ? [] : [{ id: 'prompts', from: count, to: count }]
}

function promptsOf({ trials }: ConfigAnalysis): ReadonlyMap<string, string> {
  return new Map(endedOf(trials).flatMap(({ tallies }) => [...tallies.promptDigests]))
}
