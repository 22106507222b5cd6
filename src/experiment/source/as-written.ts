/** Keeps plain YAML scalars as they are written where the experiment means text: `title: 24.10` is `24.10`, not `24.1`. */
import { type Document, isPair, isScalar, visit } from 'yaml'

/**
 * Replaces numbers and booleans by their text where the schema accepts them, but they mean text: under `hardware`, in
 * `env`, in the fields of samples, and in recorded figures. A value whose text is what JavaScript prints stays as it is.
 * Values in `expected` stay numbers, because checks compare them as numbers.
 */
export function keepTextAsWritten(document: Document): void {
  visit(document, {
    Scalar(place, node, ancestors) {
      if (place === 'key' || !isNumberOrBoolean(node.value)) return
      if (node.source === undefined || node.source === String(node.value)) return
      const keys = ancestors.flatMap((each) =>
        isPair(each) && isScalar(each.key) ? [String(each.key.value)] : [],
      )
      if (isText(keys)) node.value = node.source
    },
  })
}

/** @param keys those on the way from the root of an experiment file or a dataset file to the value */
function isText(keys: readonly string[]): boolean {
  const [first, second, third, fourth] = keys
  if (keys.at(-1) === 'expected') return false
  if (first === 'hardware' || first === 'samples') return keys.length === 2
  if (first === 'dataset') return second === 'samples' && keys.length === 3
  if (first !== 'configs') return false
  return third === 'env'
    ? keys.length === 4
    : third === 'recorded' && fourth === 'metrics' && keys.length === 5
}

export function isNumberOrBoolean(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}
