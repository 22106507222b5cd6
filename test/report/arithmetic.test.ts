/** A reader with a calculator: what the golden reports and the committed ones print adds up as it is printed. */
import { readFileSync } from 'node:fs'
import { globbySync } from 'globby'
import { describe, expect, it } from 'vitest'

const reports = globbySync([
  'test/golden/*/expected.md',
  '!test/golden/hostile',
  'reports/*/README.md',
])
  .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n') }))
  .filter(({ lines }) => lines.some((line) => line.startsWith('平均延迟的组成')))

const cells = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('**', ''))

/** By what stands in the first column: the numbers of the others, the last of which is the total. */
function partsTable(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const from = lines.findIndex((line) => line.startsWith('平均延迟的组成')) + 4
  const rows = lines.slice(from, lines.indexOf('', from)).map(cells)
  const numbers = rows.filter((row) => !row.some((cell) => cell.endsWith('%')))
  return new Map(
    numbers.map(([name = '', ...values]) => [
      name,
      values.map((value) => Number(value.replace(',', ''))),
    ]),
  )
}

const rounded = (value: number): number => Number(value.toFixed(2))

describe.each(reports)('$file', ({ lines }) => {
  const table = partsTable(lines)
  const configs = [...table].filter(([name]) => !/ 比 .* 多$/.test(name))

  it('has parts that add up to their total, row by row', () => {
    expect(table.size).toBeGreaterThan(1)
    for (const [name, values] of table) {
      const sum = values.slice(0, -1).reduce((total, value) => total + value, 0)
      expect(rounded(sum), name).toBe(values.at(-1))
    }
  })

  it('has differences that are those of the rows above, column by column', () => {
    for (const [name, values] of table) {
      const [, subject, reference] = /^(.*) 比 (.*) 多$/.exec(name) ?? []
      if (subject === undefined || reference === undefined) continue
      const [own = [], other = []] = [table.get(subject), table.get(reference)]
      expect(values, name).toEqual(own.map((value, index) => rounded(value - (other[index] ?? 0))))
    }
  })

  it('explains the very difference that its table shows', () => {
    const text = lines.join('\n')
    let told = 0
    for (const [subject, own] of configs)
      for (const [reference, other] of configs) {
        const [, gap] =
          new RegExp(`${literal(subject)} ?比 ?${literal(reference)} ?多出的 ([\\d.,]+) ms`).exec(
            text,
          ) ?? []
        if (gap === undefined) continue
        told += 1
        const shown = rounded((own.at(-1) ?? NaN) - (other.at(-1) ?? NaN))
        expect(Number(gap.replace(',', '')), `${subject}, ${reference}`).toBe(shown)
      }
    expect(told).toBeGreaterThan(0)
  })
})

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
