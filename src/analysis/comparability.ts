/**
 * Whether two configs differ in nothing but what the file declares. What it declares is the thing under
 * test; what evidence shows beside that makes the comparison void, unless the file accepts it.
 */
import type { Acceptable } from '../experiment/accept.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { requestedVersion } from '../experiment/target-kinds.ts'
import type { FactId } from '../results/facts.ts'
import type { TrialHeader } from '../results/record.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { endedOf } from './config-figures.ts'

/** So many answers cut at one length were cut by a limit; fewer may have come to the end of their context. */
const minCutAnswers = 3

export type DifferenceId = Acceptable

export interface UndeclaredDifference {
  readonly id: DifferenceId
  /** What each side has, as text; of prompts, the number of samples that were asked differently. */
  readonly from: string
  readonly to: string
  /** The file accepts it. */
  readonly accepted: boolean
}

/** Empty where a side has no trials: recorded figures cannot show that they agree. */
export function undeclaredDifferences(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
): readonly UndeclaredDifference[] {
  const [one, other] = [from.config, to.config]
  if (one.kind === 'recorded' || other.kind === 'recorded') return []
  const accept = new Set([...one.accept, ...other.accept])
  return differences({ config: one, side: from }, { config: other, side: to }).map(
    (difference) => ({
      ...difference,
      accepted: accept.has(difference.id),
    }),
  )
}

interface Side {
  readonly config: MeasuredConfig
  readonly side: ConfigAnalysis
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

/** Both targets name a version, and not the same: the version is under test. */
function declaresVersions(one: MeasuredConfig, other: MeasuredConfig): boolean {
  const [first, second] = [requestedVersion(one.target), requestedVersion(other.target)]
  return first !== undefined && second !== undefined && first !== second
}

/** Evidence that both sides have and that does not agree; a side without it proves nothing. */
function factDifferences(id: FactId & DifferenceId, from: Side, to: Side): readonly Difference[] {
  const [one, other] = [from, to].map(({ side }) =>
    side.facts.get(id)?.values.map(String).toSorted(),
  )
  if (one === undefined || other === undefined) return []
  const [first, second] = [one.join(', '), other.join(', ')]
  return first === second ? [] : [{ id, from: first, to: second }]
}

/** What the trials were asked with, where it is not what the file says: results of an older definition. */
function headerDifferences(
  id: DifferenceId,
  from: Side,
  to: Side,
  valueOf: (header: TrialHeader) => string,
): readonly Difference[] {
  const [one, other] = [from, to].map(({ side }) => valuesOf(side, valueOf))
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

/** The options that were sent, without those in which the file lets the two sides differ. */
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

/** One side's server cuts all long answers at one length, which the other side's answers exceed. */
function answerLimitDifferences(from: Side, to: Side): readonly Difference[] {
  const [one, other] = [from, to].map(({ side }) => answersOf(side))
  if (one === undefined || other === undefined) return []
  const isExceeded = (limit: number | undefined, longest: number) =>
    limit !== undefined && longest > limit
  if (!isExceeded(one.limit, other.longest) && !isExceeded(other.limit, one.longest)) return []
  const text = ({ limit, longest }: typeof one) =>
    limit === undefined ? `≥ ${longest}` : String(limit)
  return [{ id: 'answerLimit', from: text(one), to: text(other) }]
}

function answersOf({ trials }: ConfigAnalysis) {
  const tallies = endedOf(trials).map((trial) => trial.tallies)
  const longest = Math.max(
    0,
    ...tallies.map(({ maxOutputTokens: mostOutputTokens }) => mostOutputTokens),
  )
  const cut = tallies.reduce((sum, { doneReasons }) => sum + (doneReasons.get('length') ?? 0), 0)
  const alike = tallies.flatMap(({ cutAt }) => cutAt ?? [])
  const [limit, ...others] = new Set(alike.map(({ tokens }) => tokens))
  const atLimit = alike.reduce((sum, { answers }) => sum + answers, 0)
  const isLimit = others.length === 0 && atLimit === cut && cut >= minCutAnswers
  return { longest, limit: isLimit ? limit : undefined }
}

/** Samples that both sides were asked, with another prompt. */
function promptDifferences(from: Side, to: Side): readonly Difference[] {
  const [one, other] = [from, to].map(({ side }) => promptsOf(side))
  const changed = [...(one ?? [])].filter(([sample, digest]) => {
    const asked = other?.get(sample)
    return asked !== undefined && asked !== digest
  })
  const count = String(changed.length)
  return changed.length === 0 ? [] : [{ id: 'prompts', from: count, to: count }]
}

function promptsOf({ trials }: ConfigAnalysis): ReadonlyMap<string, string> {
  return new Map(endedOf(trials).flatMap(({ tallies }) => [...tallies.promptDigests]))
}
