/** Compares two models by facts: tells the same model with different parameters from different models. */
import type { FactId } from '../results/facts.ts'
import type { Fact } from './trial-facts.ts'

type Facts = ReadonlyMap<FactId, Fact>

/**
 * True if both have the same weights, template and system text. They may have other parameters, and so another digest.
 */
export function haveSameContent(one: Facts, other: Facts): boolean {
  const [content, otherContent] = [one, other].map((facts) =>
    onlyValue(facts, 'modelContentDigest'),
  )
  return content !== undefined && content === otherContent
}

/** True if the parameters of both models are known, and they set this one to different values. */
export function differInParameter(name: string, one: Facts, other: Facts): boolean {
  const [value, otherValue] = [one, other].map((facts) => {
    const parameters = onlyValue(facts, 'modelParameters')
    return parameters?.split('; ').filter((each) => each.startsWith(`${name} `))
  })
  return value !== undefined && otherValue !== undefined && String(value) !== String(otherValue)
}

function onlyValue(facts: Facts, id: FactId): string | undefined {
  const values = facts.get(id)?.values ?? []
  return values.length === 1 ? String(values[0]) : undefined
}
