/** Facts about the servers of a config, from the evidence of its trials. */
import { factIds, type FactId, type FactValue } from '../results/facts.ts'
import type { Fact } from './analysis.ts'
import type { TrialSummary } from './trial-summary.ts'

/** The facts of one trial; if evidence repeats a fact, the last value. */
export function trialFacts({ evidence }: TrialSummary): ReadonlyMap<FactId, ObservedFact> {
  const facts = new Map<FactId, ObservedFact>()
  for (const { facts: seen, source } of evidence)
    for (const [id, value] of entriesOf(seen)) facts.set(id, { value, source })
  return facts
}

export interface ObservedFact {
  readonly value: FactValue
  readonly source: string
}

/** The facts of several trials: each distinct value once, in the order of rounds. */
export function factsOf(trials: readonly TrialSummary[]): ReadonlyMap<FactId, Fact> {
  const facts = new Map<FactId, { values: FactValue[]; source: string }>()
  for (const trial of trials)
    for (const [id, { value, source }] of trialFacts(trial)) {
      const fact = facts.get(id) ?? { values: [], source }
      if (!fact.values.includes(value)) fact.values.push(value)
      facts.set(id, fact)
    }
  return facts
}

function entriesOf(
  facts: Readonly<Partial<Record<FactId, FactValue>>>,
): readonly (readonly [FactId, FactValue])[] {
  return factIds.flatMap((id) => {
    const value = facts[id]
    return value === undefined ? [] : [[id, value] as const]
  })
}
