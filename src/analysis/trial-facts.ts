/** The facts that the evidence of trials shows, and those that a document states. */
import type { RecordedConfig } from '../experiment/experiment.ts'
import type { Evidence } from '../results/record.ts'
import { factIds, type FactId, type FactValue } from '../results/facts.ts'

export interface ObservedFact {
  readonly value: FactValue
  readonly source: string
}

/** A fact over the trials of a config. */
export interface Fact {
  /** The distinct values, in the order of rounds; one value if all trials agree. */
  readonly values: readonly FactValue[]
  readonly source: string
}

/**
 * The facts of one trial. If evidence repeats a fact, the last value counts. The context is the one with which the
 * runner was started, if the log shows it: `/api/ps` may repeat a requested context that the runner did not get
 * (0.11.3).
 */
export function trialFacts(evidence: readonly Evidence[]): ReadonlyMap<FactId, ObservedFact> {
  const facts = new Map<FactId, ObservedFact>()
  for (const { facts: seen, source } of evidence)
    for (const id of factIds) {
      const value = seen[id]
      if (value !== undefined) facts.set(id, { value, source })
    }
  const started = runnerContext(evidence)
  if (started !== undefined) facts.set('contextLength', started)
  return facts
}

/** The context of one slot, from the last command line or load request of a runner in the log. */
function runnerContext(evidence: readonly Evidence[]): ObservedFact | undefined {
  const shown = evidence.findLast(({ facts }) => contextPerSlot(facts) !== undefined)
  const value = shown && contextPerSlot(shown.facts)
  return shown && value !== undefined ? { value, source: shown.source } : undefined
}

/** The context of one slot that a runner was started with, in tokens. */
export function contextPerSlot({ contextTotal, slots }: Evidence['facts']): number | undefined {
  return typeof contextTotal === 'number' && typeof slots === 'number' && slots > 0
    ? contextTotal / slots
    : undefined
}

/** Sources of facts that were not measured: the text of a document, and an excerpt of a log that belongs to it. */
export const documentSource = 'document'
export const excerptSource = 'log excerpt'

/**
 * The facts that a document and its log excerpt state about the server. For a fact that both state, the excerpt counts.
 */
export function statedFacts({
  facts,
  log,
}: Pick<RecordedConfig, 'facts' | 'log'>): ReadonlyMap<FactId, Fact> {
  const stated = new Map<FactId, Fact>()
  for (const id of factIds) {
    const [shown, written] = [log?.facts[id], facts?.values[id]]
    if (shown !== undefined) stated.set(id, { values: [shown], source: excerptSource })
    else if (written !== undefined) stated.set(id, { values: [written], source: documentSource })
  }
  return stated
}

/** True if two values of a fact mean the same. A document may give only the first digits of a digest. */
export function isSameFact(id: FactId, one: string, other: string): boolean {
  if (id !== 'modelDigest') return one === other
  const [digits, otherDigits] = [one, other].map((digest) => digest.replace(/^sha256:/, ''))
  return digits !== undefined && otherDigits !== undefined
    ? digits.startsWith(otherDigits) || otherDigits.startsWith(digits)
    : false
}

/** The facts about the other models of a mix, by the model's name. */
export function otherModelsOf(trials: readonly { readonly otherModels?: readonly Evidence[] }[]): {
  otherModels?: ReadonlyMap<string, ReadonlyMap<FactId, Fact>>
} {
  const names = trials.flatMap(({ otherModels = [] }) =>
    otherModels.flatMap(({ model }) => model ?? []),
  )
  if (names.length === 0) return {}
  const evidenceOf = (name: string) =>
    trials.map(({ otherModels = [] }) => ({
      evidence: otherModels.filter(({ model }) => model === name),
    }))
  return {
    otherModels: new Map([...new Set(names)].map((name) => [name, factsOf(evidenceOf(name))])),
  }
}

/** The facts of several trials: each distinct value once, in the order of rounds. */
export function factsOf(
  trials: readonly { readonly evidence: readonly Evidence[] }[],
): ReadonlyMap<FactId, Fact> {
  const facts = new Map<FactId, { values: FactValue[]; source: string }>()
  for (const { evidence } of trials)
    for (const [id, { value, source }] of trialFacts(evidence)) {
      const fact = facts.get(id) ?? { values: [], source }
      if (!fact.values.includes(value)) fact.values.push(value)
      facts.set(id, fact)
    }
  return facts
}
