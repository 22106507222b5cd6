/** Loads as text, and the table rows for the parts of the workload in which configs differ. */
import type { MeasuredConfig, Workload } from '../experiment/experiment.ts'
import type { Load } from '../experiment/load.ts'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { durationText } from '../format/number.ts'
import { fixed, integer } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import { type Cell, inlineCode, strong } from '../markdown/markdown.ts'
import type { Context } from './context.ts'
import { missingCell, type SettingRow, unsetCell } from './setting-cells.ts'

/** One text for each load of the configs; loads that differ only in their users or their rate share a text. */
export function loadTexts(
  measured: readonly MeasuredAnalysis[],
  words: Context['words'],
): readonly string[] {
  const loads = new Map(
    measured.map(({ config: { workload } }) => [formOf(workload.load), workload.load]),
  )
  return [...loads].map(([form, load]) => {
    const alike = measured.filter(({ config }) => formOf(config.workload.load) === form)
    const sizes = new Set(alike.map(({ config }) => sizeOf(config.workload.load)))
    const size = [...sizes].join(words.text('join.list'))
    return loadText(load, words, longestWindowMs(alike), size)
  })
}

/** The part of a load that is the same at all its levels, as a key. */
function formOf(load: Load): string {
  return JSON.stringify({ ...load, [load.kind === 'open' ? 'ratePerSecond' : 'users']: undefined })
}

/** The users or the rate of a load. */
function sizeOf(load: Load): string {
  if (load.kind !== 'open') return integer(load.users)
  return fixed(load.ratePerSecond, Number.isInteger(load.ratePerSecond) ? 0 : 2)
}

type MeasuredAnalysis = Pick<ConfigAnalysis, 'trials'> & { readonly config: MeasuredConfig }

/** How long requests were sent in the longest trial; 0 without a trial. */
function longestWindowMs(measured: readonly Pick<ConfigAnalysis, 'trials'>[]): number {
  const lengths = measured
    .flatMap(({ trials }) => trials)
    .flatMap(({ window }) => (window === undefined ? [] : [window.closeMs - window.firstSentMs]))
  return Math.round(lengths.reduce((longest, length) => Math.max(longest, length), 0))
}

/**
 * @param longestMs how long the longest trial was; by default, the text says only what the file plans
 * @param size the users or the rates
 */
function loadText(load: Load, words: Context['words'], longestMs = 0, size = sizeOf(load)): string {
  const text = withPause(load, usersText(load, longestMs, size, words), words)
  if (load.kind === 'open' || load.rampMs === undefined) return text
  return load.rampMs === 'auto'
    ? words.text('load.rampAuto', { load: text })
    : words.text('load.ramp', { load: text, time: durationText(load.rampMs) })
}

function withPause(load: Load, text: string, words: Context['words']): string {
  if (load.kind === 'open' || load.pause === undefined) return text
  const { distribution, meanMs } = load.pause
  return words.text(distribution === 'constant' ? 'load.pause' : 'load.pauseVaries', {
    load: text,
    time: durationText(meanMs),
  })
}

/** The composition of a mix: `in blocks of 3 × small, 1 × large`. Undefined without a mix. */
export function mixText({ mix }: Workload, words: Context['words']): string | undefined {
  const items = mix?.map(({ name, weight }) =>
    words.text('load.mixItem', { name: oneLine(name), weight: integer(weight) }),
  )
  return items && words.text('load.mix', { items: items.join(words.text('join.list')) })
}

function usersText(load: Load, longestMs: number, size: string, words: Context['words']): string {
  switch (load.kind) {
    case 'closed-duration': {
      const [duration, longest] = [durationText(load.durationMs), durationText(longestMs)]
      const isLonger = longestMs > load.durationMs && longest !== duration
      return words.text('load.closed-duration', {
        users: size,
        duration,
        longest: isLonger ? longest : '',
        requests: integer(load.atLeast),
      })
    }
    case 'closed-requests':
      return words.text('load.closed-requests', {
        users: size,
        requests: integer(load.requests),
      })
    case 'open':
      return words.text('load.open', {
        rate: size,
        duration: durationText(load.durationMs),
      })
  }
}

/** The load of each of these configs; null if all configs of the experiment have the same. */
export function loadsText(
  members: readonly ConfigAnalysis[],
  { analysis, words, labels }: Context,
): string | null {
  const planned = analysis.configs.flatMap(({ config }) =>
    config.kind === 'measured' ? [loadText(config.workload.load, words)] : [],
  )
  if (new Set(planned).size < 2) return null
  const loads = members.flatMap(({ config, trials }) => {
    if (config.kind !== 'measured') return []
    const load = loadText(config.workload.load, words, longestWindowMs([{ trials }]))
    return [{ label: labels.short(config.key), load }]
  })
  if (loads.length === 0) return null
  return loads.map((each) => words.text('load.ofConfig', each)).join(words.text('join.clauses'))
}

/** The rows for the dataset and the parts of the workload in which configs differ. */
export function workloadRows(
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly SettingRow[] {
  const { words } = context
  const named = (id: 'row.load' | 'row.dataset') => strong(words.text(id))
  const rows = [
    rowOf(named('row.load'), members, ({ workload }) => loadText(workload.load, words), context),
    rowOf(named('row.dataset'), members, datasetText(members), context),
    ...parts.map(([name, valueOf]) =>
      rowOf(inlineCode(name), members, ({ workload }) => valueOf(workload), context),
    ),
    ...(['system', 'prompt', 'format'] as const).map((name) =>
      rowOf(inlineCode(name), members, numbered(name, members, context), context),
    ),
  ]
  return rows.filter((row) => row !== undefined)
}

/** The parts of a workload that the table shows as in the file, by their keys. */
const parts: readonly (readonly [string, (workload: Workload) => string | undefined])[] = [
  ['api', ({ api }) => api],
  ['batch', ({ batch }) => batch?.toString()],
  ['think', ({ think }) => think?.toString()],
  ['keepAlive', ({ keepAlive }) => keepAlive?.toString()],
  ['cache', ({ cache }) => cache],
  ['warmup', ({ warmupRequests }) => integer(warmupRequests)],
  [
    'mix',
    ({ mix }) => mix?.map(({ name, weight }) => `${integer(weight)} × ${oneLine(name)}`).join(', '),
  ],
  ['timeout', ({ timeoutMs }) => durationText(timeoutMs)],
]

function rowOf(
  head: Cell,
  members: readonly ConfigAnalysis[],
  textOf: (config: MeasuredConfig) => string | undefined,
  context: Context,
): SettingRow | undefined {
  const texts = members.map(({ config }) =>
    config.kind === 'measured' ? (textOf(config) ?? unsetCell) : undefined,
  )
  if (new Set(texts.filter((text) => text !== undefined)).size < 2) return undefined
  const cells = members.map((member, index) => texts[index] ?? missingCell(member, context))
  return { head, name: head, cells, isRequested: false, sources: [] }
}

/** The name of a dataset; with the start of its digest where two have the same name. */
function datasetText(members: readonly ConfigAnalysis[]): (config: MeasuredConfig) => string {
  const digests = new Map<string, Set<string>>()
  for (const { config } of members)
    if (config.kind === 'measured')
      digests.set(
        config.dataset.name,
        (digests.get(config.dataset.name) ?? new Set()).add(config.dataset.digest),
      )
  return ({ dataset: { name, digest } }) =>
    (digests.get(name)?.size ?? 0) < 2 ? name : `${name} (${digest.slice(-8)})`
}

/** Gives each distinct text a number, because a report does not quote texts that are long or must not be kept. */
function numbered(
  name: 'system' | 'prompt' | 'format',
  members: readonly ConfigAnalysis[],
  { words }: Context,
): (config: MeasuredConfig) => string | undefined {
  const written = ({ workload }: MeasuredConfig) =>
    workload[name] === undefined ? undefined : JSON.stringify(workload[name])
  const distinct = [
    ...new Set(
      members.flatMap(({ config }) => (config.kind === 'measured' ? (written(config) ?? []) : [])),
    ),
  ]
  return (config) => {
    const text = written(config)
    return text === undefined
      ? undefined
      : words.text('row.textNumber', { number: integer(distinct.indexOf(text) + 1) })
  }
}
