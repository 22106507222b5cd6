/** The versions of a report side by side: a column each, with its date, state, verdicts and headline figures. */
import type { Root } from 'hast'
import { h } from 'hastscript'
import { dayOf } from '../format/date.ts'
import { decimalsFor, fixed, percentage } from '../format/number.ts'
import { metricById, metrics } from '../metrics/catalog.ts'
import { measuredText } from '../notebook/difference-rows.ts'
import { isHeadline, type Lock, type LockedClaim } from '../notebook/lock.ts'
import { verdictIcon, type NotebookWords } from '../notebook/template-files.ts'
import { emptyCell, unitText } from '../report/figure-text.ts'
import type { MetricWords } from '../report/labels.ts'
import type { PageWords } from './report-body.ts'
import { prepareTables } from './tables.ts'

export interface VersionWords {
  readonly page: PageWords
  readonly notebook: NotebookWords
  readonly metrics: MetricWords
}

/** A version, with the relative address of its page if it has one. */
export interface VersionColumn {
  readonly lock: Lock
  readonly address?: string
}

/** @param versions newest first */
export function versionsTable(versions: readonly VersionColumn[], words: VersionWords): Root {
  const locks = versions.map(({ lock }) => lock)
  const [newest] = locks
  if (newest === undefined) return { type: 'root', children: [] }
  const rows = [
    [
      words.page.text('date'),
      ...locks.map(({ createdAt }) => (createdAt === undefined ? emptyCell : dayOf(createdAt))),
    ],
    [words.page.text('state'), ...locks.map((lock) => stateText(lock, words.page))],
    ...claimRows(locks, words),
    ...figureRows(locks, words.metrics),
  ]
  const header = versions.map(({ lock: { version }, address }) =>
    h('th', address === undefined ? version : h('a', { href: address }, version)),
  )
  const table = h('table', [
    h('thead', h('tr', [h('th', words.page.text('figure')), ...header])),
    h(
      'tbody',
      rows.map(([name = '', ...cells]) =>
        h('tr', [
          h('th', { scope: 'row' }, name),
          ...cells.map((cell) =>
            h('td', { className: /^[-\d]/.test(cell) ? 'number' : undefined }, cell),
          ),
        ]),
      ),
    ),
  ])
  const root: Root = { type: 'root', children: [table] }
  prepareTables(root, () => words.page.text('sideBySide'), false)
  return root
}

function stateText({ state, standIn }: Lock, words: PageWords): string {
  return words.text(standIn ? 'stateDemo' : state === 'open' ? 'stateOpen' : 'stateClosed')
}

/** A row for each hypothesis of any version, in the order of the newest. */
function claimRows(
  locks: readonly Lock[],
  { notebook }: VersionWords,
): readonly (readonly string[])[] {
  const cell = (lock: Lock, claim: LockedClaim | undefined): string => {
    if (claim === undefined) return emptyCell
    const { measured } = claim
    const icon = verdictIcon(lock.standIn ? 'none' : claim.verdict, notebook)
    return measured === undefined || lock.standIn
      ? icon
      : `${icon} ${measuredText(claim, measured, notebook)}`
  }
  return keysOf(locks.map(({ claims }) => claims)).map((id) => {
    const statement = locks
      .map(({ claims }) => claims[id]?.statement)
      .find((one) => one !== undefined)
    return [`${id} ${statement ?? ''}`, ...locks.map((lock) => cell(lock, lock.claims[id]))]
  })
}

/** A row for each headline figure of each config; a version that has no such config has an empty cell. */
function figureRows(
  locks: readonly Lock[],
  metricWords: MetricWords,
): readonly (readonly string[])[] {
  const headline = metrics.filter(({ id }) => isHeadline(id))
  return keysOf(locks.map(({ configs }) => configs)).flatMap((key) => {
    const label = locks.map(({ configs }) => configs[key]?.label).find((one) => one !== undefined)
    return headline.flatMap(({ id }) => {
      const metric = metricById(id)
      const values = locks.map(({ configs }) => configs[key]?.figures[id])
      const known = values.filter((value) => value !== undefined)
      if (metric === undefined || known.length === 0) return []
      const decimals = decimalsFor(known)
      const cells = values.map((value) =>
        value === undefined
          ? emptyCell
          : metric.unit === '%'
            ? percentage(value)
            : fixed(value, decimals),
      )
      return [[`${label ?? key}: ${metricWords.label(metric)}${unitText(metric.unit)}`, ...cells]]
    })
  })
}

/** The distinct keys of all records, in order of first appearance. */
function keysOf(records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))]
}
