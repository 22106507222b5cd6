/**
 * The table of how configs use GPUs, and how fast they decode. Uses facts, documents, and what is known about
 * containers.
 */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Context } from './context.ts'
import { factText, type SettingFact } from './fact-text.ts'
import { figureText, hasValue, sharedDecimals } from './figure-text.ts'
import { boldLabel } from './labels.ts'
import type { Cell, Markdown } from '../markdown/markdown.ts'
import { factCell, unsetCell } from './setting-cells.ts'

/** The facts that the table shows, so that no other table needs to. */
export const gpuFacts: ReadonlySet<SettingFact> = new Set(['computeDevice', 'layers'])

/** Null if all configs use the same device and the same layers, or if too little is known. */
export function gpuTable(context: Context): Markdown | null {
  const { analysis, words, metricWords, labels, tables } = context
  const rows = analysis.configs
    .map((member) => ({ member, device: device(member, context), layers: layers(member, context) }))
    .filter((row) => row.device !== undefined || row.layers !== undefined)
  const isAlike = new Set(rows.map((row) => `${row.device} ${row.layers}`)).size < 2
  if (isAlike || rows.every((row) => row.device === undefined)) return null
  const speeds = rows.map(({ member }) => member.figures.get('decodeSpeed'))
  const decimals = sharedDecimals(speeds.filter(hasValue))
  const [speed] = speeds.filter(hasValue)
  const speedCell = (index: number): string => {
    const figure = speeds[index]
    return hasValue(figure) ? figureText(figure, decimals, words) : unsetCell
  }
  return tables.make(
    [
      words.text('column.config'),
      words.text('fact.computeDevice'),
      words.text('fact.layers'),
      ...(speed === undefined ? [] : [`${metricWords.label(speed.metric)} (${speed.metric.unit})`]),
    ],
    rows.map((row, index): readonly Cell[] => [
      boldLabel(labels.full(row.member.config.key)),
      row.device ?? unsetCell,
      row.layers ?? unsetCell,
      ...(speed === undefined ? [] : [speedCell(index)]),
    ]),
  )
}

/** The compute device. If it is not known and the container runs on a Mac: a note that it has no GPU. */
function device(member: ConfigAnalysis, context: Context): string | undefined {
  const { diagnosis, words } = context
  if (factText('computeDevice', member, words) !== undefined)
    return factCell('computeDevice', member, context)
  const findings = (diagnosis?.explanations ?? []).flatMap((each) => each.findings)
  const isOnMac = findings.some(
    ({ cause, configs }) => cause === 'mac-container' && configs.includes(member.config.key),
  )
  return isOnMac ? words.text('gpu.noneOnMac') : undefined
}

/** The layers on the GPU; if no fact shows them, those that the file asks for. */
function layers(member: ConfigAnalysis, context: Context): string | undefined {
  if (factText('layers', member, context.words) !== undefined)
    return factCell('layers', member, context)
  const value = member.config.options['num_gpu']
  return typeof value === 'number'
    ? context.words.text('setting.requested', { value: String(value) })
    : undefined
}
