/** The keys of a YAML document: their text, and the keys that are refused. */
import type { Document, Node } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, visit } from 'yaml'
import { quoted } from '../../errors/quote.ts'
import type { Problem, ProblemDetails } from '../problem.ts'

export function nodeOf(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined
}

/**
 * The text of a key; empty for mappings and lists, which are refused elsewhere. As text, nested keys would be JSON
 * inside JSON, whose length doubles with each level.
 */
export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : isAlias(key) ? `*${key.source}` : ''
}

/**
 * Duplicate keys (the library's own check takes quadratic time) and reserved keys: configs inherit with `from`
 * instead of `<<`, and `__proto__` could change the prototype of an object.
 */
export function keyProblems(
  document: Document,
  problemAt: (start: number, end: number, details: ProblemDetails) => Problem,
): readonly Problem[] {
  const problems: Problem[] = []
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>()
      for (const { key } of items) {
        if (isMap(key) || isSeq(key)) continue
        const name = keyText(key)
        const details = reserved.get(name) ?? (seen.has(name) ? duplicate(name) : undefined)
        seen.add(name)
        const [start = 0, end = start] = nodeOf(key)?.range ?? []
        if (details !== undefined) problems.push(problemAt(start, end, details))
      }
    },
  })
  return problems
}

const reserved: ReadonlyMap<string, ProblemDetails> = new Map(
  [
    ['<<', 'merge keys are not supported: configs inherit with `from`'] as const,
    ['__proto__', 'use another name'] as const,
  ].map(([name, hint]) => [
    name,
    { code: 'reserved-key', message: `${quoted(name)} cannot be a key here`, hint },
  ]),
)

function duplicate(name: string): ProblemDetails {
  return {
    code: 'duplicate-key',
    message: `${quoted(name)} is duplicated`,
    hint: 'keep one of the two; YAML would use the last one',
  }
}
