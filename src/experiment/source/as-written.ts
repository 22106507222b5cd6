/** Keeps numbers as they are written where the experiment means text: `release: 24.10` is `24.10`, not `24.1`. */
import { type Document, isPair, isScalar, visit } from 'yaml'

/**
 * Replaces such numbers by their text: under `hardware`, in `env`, and in the fields of samples. A number whose text
 * is what JavaScript prints stays a number. Values in `expected` stay numbers, because checks compare them as numbers.
 */
export function keepTextAsWritten(document: Document): void {
  visit(document, {
    Scalar(place, node, ancestors) {
      if (place === 'key' || typeof node.value !== 'number') return
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
  const [first, second, third] = keys
  if (keys.at(-1) === 'expected') return false
  if (first === 'hardware' || first === 'samples') return keys.length === 2
  if (first === 'dataset') return second === 'samples' && keys.length === 3
  return first === 'configs' && third === 'env' && keys.length === 4
}
