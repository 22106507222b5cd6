/**
 * Commas inside values of `{…}` and `[…]`. YAML ends the value there: `{latencyMean: 1,234.5 ms}` has the value `1` and
 * a key `234.5 ms`, and `[4,096, 8,192]` has four entries. Without an explanation, people would remove the key and keep
 * `1`.
 */
import type { Document, Pair, Scalar, YAMLSeq } from 'yaml'
import { isPair, isScalar, Scalar as ScalarNode, visit } from 'yaml'
import { limits } from '../../errors/limits.ts'
import { quoted } from '../../errors/quote.ts'
import type { Problem, ProblemDetails } from '../problem.ts'

type ProblemAt = (start: number, end: number, details: ProblemDetails) => Problem

/** @param text that of the document */
export function commaProblems(
  document: Document,
  text: string,
  problemAt: ProblemAt,
): readonly Problem[] {
  const problems: Problem[] = []
  visit(document, {
    Map(_, { flow, items }, ancestors) {
      if (flow !== true) return
      const holdsText = isPlaceOfText(ancestors)
      for (const [start, end] of cutValues(items, text))
        problems.push(problemAt(start, end, cutValue(text.slice(start, end), holdsText)))
    },
    Seq(_, list) {
      const [start, end] = list.range ?? []
      if (start === undefined || end === undefined || !hasThousands(list, text)) return
      const written = text.slice(start, end)
      problems.push(problemAt(start, end, splitNumbers(written)))
    },
  })
  return problems.slice(0, limits.problems.max)
}

/** Where the values of a mapping are read as text: variables, hardware, and samples. */
function isPlaceOfText(ancestors: readonly unknown[]): boolean {
  return ancestors.some(
    (each) =>
      isPair(each) &&
      isScalar(each.key) &&
      /^(?:env|hardware|samples)$/.test(String(each.key.value)),
  )
}

/** Start and end of each value that a comma cuts: an entry without a colon follows its first part. */
function cutValues(items: readonly Pair[], text: string): readonly (readonly [number, number])[] {
  const found: [number, number][] = []
  let cut: [number, number] | undefined
  for (const { key, value } of items) {
    const [start, end] = isPlain(key) ? (key.range ?? []) : []
    const isEntry = start !== undefined && end !== undefined && value === null
    if (isEntry && cut !== undefined && /^\s*,\s*$/.test(text.slice(cut[1], start))) {
      cut[1] = end
      if (found.at(-1) !== cut) found.push(cut)
      continue
    }
    const [from, to] = isPlain(value) ? (value.range ?? []) : []
    cut = from === undefined || to === undefined || from === to ? undefined : [from, to]
  }
  return found
}

function isPlain(node: unknown): node is Scalar {
  return isScalar(node) && node.type === ScalarNode.PLAIN
}

function cutValue(written: string, holdsText: boolean): ProblemDetails {
  const number = /\d,\d/.test(written) && !holdsText ? withoutCommas(written) : undefined
  return {
    code: 'yaml',
    message: `YAML ends a value at a comma: ${quoted(written)} becomes several entries`,
    hint:
      number === undefined
        ? `put the value in quotes: ${quoted(`"${written}"`)}`
        : `write ${quoted(number)}`,
  }
}

/** Removes thousands separators, and makes the other commas between digits decimal points: no group begins with 0. */
function withoutCommas(written: string): string {
  return written
    .replaceAll(/(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])/g, (number) =>
      number.replaceAll(',', ''),
    )
    .replaceAll(/(?<=\d),(?=\d)/g, '.')
}

/**
 * True if numbers of a list look like groups of digits: one begins with 0, as in `[4,096]`, or no space follows every
 * second comma, as in `[8,192, 16,384]`.
 */
function hasThousands({ flow, items }: YAMLSeq, text: string): boolean {
  if (flow !== true || !items.every(isPlain) || items.length < 2) return false
  const sources = items.map(({ source = '' }) => source)
  if (!sources.every((source) => /^\d{1,3}$/.test(source))) return false
  const isTight = items.map(({ range }) => text[(range?.[0] ?? 0) - 1] === ',')
  const isGroup = (source: string, at: number) => source.length === 3 && isTight[at] === true
  if (sources.some((source, at) => isGroup(source, at) && source.startsWith('0'))) return true
  return (
    items.length > 2 &&
    items.length % 2 === 0 &&
    sources.every((source, at) => isGroup(source, at) === (at % 2 === 1))
  )
}

function splitNumbers(written: string): ProblemDetails {
  return {
    code: 'yaml',
    message: `YAML reads each comma in ${quoted(written)} as the end of a number`,
    hint: `write ${quoted(written.replaceAll(/(?<=\d),(?=\d{3}(?!\d))/g, ''))}`,
  }
}
