/** What mean latency is made of, config by config. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Context } from './context.ts'
import { hasValue } from './figure-text.ts'
import { decimalsFor, fixed } from './format.ts'
import type { Markdown } from './markdown.ts'

const parts = ['wait', 'load', 'prefill', 'decode', 'outside'] as const

/** Null where no config has all parts. Rounded parts add up to the rounded whole. */
export function latencyParts(context: Context): Markdown | null {
  const rows = context.analysis.configs.flatMap((member) => {
    const values = partsOf(member)
    return values ? [{ key: member.config.key, values }] : []
  })
  if (rows.length === 0) return null
  const { words, labels, tables, locale } = context
  const labelOf = (id: string) =>
    context.analysis.configs.map(({ figures }) => figures.get(id)).find(hasValue)?.metric.label[
      locale
    ] ?? id
  const smallestWhole = Math.min(...rows.map(({ values }) => sum(values)))
  const decimals = smallestWhole < 100 ? Math.min(2, decimalsFor([smallestWhole])) : 0
  return tables.make(
    [words.say('column.config'), ...parts.map(labelOf), words.say('column.total')],
    rows.map(({ key, values }) => [
      labels.full(key),
      ...roundedToSum(values, decimals).map((value) => fixed(value, decimals)),
      fixed(sum(values), decimals),
    ]),
  )
}

function partsOf({ figures }: ConfigAnalysis): readonly number[] | undefined {
  const values = parts.map((id) => figures.get(id)?.value)
  return values.every((value) => value !== undefined) ? values : undefined
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Each value rounded so that all add up to their rounded sum: those that lose most by rounding down go up. */
export function roundedToSum(values: readonly number[], decimals: number): readonly number[] {
  const unit = 10 ** decimals
  const scaled = values.map((value) => value * unit)
  const floors = scaled.map(Math.floor)
  const missing = Math.round(sum(scaled)) - sum(floors)
  const byLoss = scaled
    .map((value, index) => ({ index, loss: value - Math.floor(value) }))
    .toSorted((a, b) => b.loss - a.loss || a.index - b.index)
  const raised = new Set(byLoss.slice(0, missing).map(({ index }) => index))
  return floors.map((value, index) => (value + (raised.has(index) ? 1 : 0)) / unit)
}
