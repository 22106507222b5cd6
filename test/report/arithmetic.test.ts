/** Checks that the numbers in the golden and the committed reports add up as they are printed. */
import { readFileSync } from 'node:fs'
import { globbySync } from 'globby'
import { describe, expect, it } from 'vitest'
import { Markdown } from '../../src/markdown/markdown.ts'
import { readCauseWords } from '../../src/report/cause-words.ts'
import { tableWithHeader, wordsOf } from '../support/report-parts.ts'
import { shippedTemplates } from '../support/templates.ts'

const locale = 'zh-CN'
const words = wordsOf(locale)
const causeWords = readCauseWords(shippedTemplates(locale))

// `documents` has one measured config, so it explains no difference in ms
const reports = globbySync([
  'test/golden/*/expected.md',
  '!test/golden/{documents,hostile}',
  'reports/*/README.md',
])
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
  .flatMap(({ file, text }) => {
    const table = tableWithHeader(text, words.text('column.config'), words.text('column.total'))
    return table === undefined ? [] : [{ file, text, rows: numbersByName(table.slice(1)) }]
  })

/**
 * The numbers of each row by the text of its first cell; the last number is the total. Rows of percentages are left
 * out.
 */
function numbersByName(
  rows: readonly (readonly string[])[],
): ReadonlyMap<string, readonly number[]> {
  return new Map(
    rows
      .filter((row) => !row.some((cell) => cell.endsWith('%')))
      .map(([name = '', ...cells]) => [name, cells.map((cell) => Number(cell.replace(',', '')))]),
  )
}

const rounded = (value: number): number => Number(value.toFixed(2))

/**
 * The difference in ms that the report explains between two configs; undefined if it does not compare them, or only over
 * some of the rounds in the table.
 */
function explainedGap(text: string, subject: string, reference: string): number | undefined {
  const names = { subject, reference, ms: new Markdown('MS') }
  const rounds = new Markdown('ROUNDS')
  if (gapIn(text, causeWords.markdown('explained.gapInRounds', { ...names, rounds })))
    return undefined
  return gapIn(text, causeWords.markdown('explained.gap', names))
}

function gapIn(text: string, { source }: Markdown): number | undefined {
  const [before = '', after = ''] = source.split('MS').map(literal)
  const pattern = new RegExp(`${before}([\\d.,]+) ms${after.replace('ROUNDS', '\\d+')}`)
  const [, gap] = pattern.exec(text) ?? []
  return gap === undefined ? undefined : Number(gap.replace(',', ''))
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

describe.each(reports)('$file', ({ text, rows }) => {
  const names = [...rows.keys()]
  const differenceName = (config: string, base: string): string =>
    words.text('parts.difference', { config, base })
  const pairs = names.flatMap((config) => names.map((base) => ({ config, base })))

  it('has latency parts that add up to their total in each row', () => {
    expect(rows.size).toBeGreaterThan(1)
    for (const [name, values] of rows) {
      const sum = values.slice(0, -1).reduce((total, value) => total + value, 0)
      expect(rounded(sum), name).toBe(values.at(-1))
    }
  })

  /** One unit of the last printed digit. */
  const unit = /\.\d/.test(JSON.stringify([...rows.values()])) ? 0.1 : 1

  it('has difference rows that equal the difference of their two rows, up to rounding', () => {
    for (const { config, base } of pairs) {
      const values = rows.get(differenceName(config, base))
      if (values === undefined) continue
      const [own = [], other = []] = [rows.get(config), rows.get(base)]
      for (const [index, value] of values.entries()) {
        const subtracted = (own[index] ?? NaN) - (other[index] ?? NaN)
        expect(Math.abs(value - subtracted), `${config}, ${base}`).toBeLessThan(2.5 * unit)
      }
    }
  })

  it('explains the difference that the table shows', () => {
    let explained = 0
    for (const { config, base } of pairs) {
      const gap = explainedGap(text, config, base)
      if (gap === undefined) continue
      explained += 1
      const shown = rows.get(differenceName(config, base))?.at(-1)
      const [own, other] = [rows.get(config)?.at(-1), rows.get(base)?.at(-1)]
      if (shown === undefined)
        expect(Math.abs(gap - ((own ?? NaN) - (other ?? NaN)))).toBeLessThan(1.5 * unit)
      else expect(gap, `${config}, ${base}`).toBe(shown)
    }
    // A race and the levels of one config compare no pair in parts.
    const comparesParts = pairs.some(({ config, base }) => rows.has(differenceName(config, base)))
    if (comparesParts) expect(explained).toBeGreaterThan(0)
  })
})
