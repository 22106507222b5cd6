/**
 * A summary of one experiment, from its newest lock or, if it has no report yet, from its file. The index, `exp list`
 * and `exp show` print such summaries.
 */
import type { VerdictCode } from '../analysis/analysis.ts'
import type { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { inLocale } from '../experiment/in-locale.ts'
import { dayOf } from '../format/date.ts'
import { type Locale, locales } from '../format/locales.generated.ts'
import { groupBy } from '../results/selection.ts'
import { translatedLock } from './lock-texts.ts'
import type { Lock } from './lock.ts'
import { experimentFile, parseExperimentFile, experimentIds } from './project.ts'
import { forPublication } from './publication.ts'
import { readPerExperiment, type NewestLocks } from './report-folder.ts'
import { verdictIcon, type NotebookWords } from './template-files.ts'

export interface Overview {
  readonly id: string
  readonly title: string
  readonly question?: string
  /** The cause in another experiment's report that this experiment tests. */
  readonly follows?: NonNullable<Lock['follows']>
  /** The locale of `answer`. */
  readonly locale: Locale
  /** The answer as sentences. Empty if nothing was measured, or only a stand-in. */
  readonly answer: readonly string[]
  /** Absent if there is no report yet. */
  readonly version?: string
  readonly state: 'open' | 'closed'
  /** ISO 8601 with offset, or a date; absent if there are no results. */
  readonly date?: string
  readonly standIn: boolean
  /** Number of configs with complete figures, measured or recorded. */
  readonly complete: number
  readonly configs: number
  readonly failed: number
  /** By id of the hypothesis. */
  readonly verdicts: Readonly<Record<string, VerdictCode>>
}

/** The overview of an experiment from its newest lock. */
export function overviewOf(lock: Lock): Overview {
  const states = Object.values(lock.configs).map(({ state }) => state)
  return {
    id: lock.experiment,
    title: lock.title,
    ...(lock.question !== undefined && { question: lock.question }),
    ...(lock.follows !== undefined && { follows: lock.follows }),
    locale: lock.locale,
    // Older programs stored answers and verdicts for stand-ins too.
    answer: lock.standIn ? [] : lock.answer,
    version: lock.version,
    state: lock.state,
    ...(lock.createdAt !== undefined && { date: lock.createdAt }),
    standIn: lock.standIn,
    complete: states.filter((state) => state === 'measured' || state === 'recorded').length,
    configs: states.length,
    failed: states.filter((state) => state === 'failed').length,
    verdicts: Object.fromEntries(
      Object.entries(lock.claims)
        .toSorted(([one], [other]) => (orderOf(one) < orderOf(other) ? -1 : 1))
        .map(([id, { verdict }]) => [id, lock.standIn ? 'none' : verdict]),
    ),
  }
}

/** A sort key that puts `H2` before `H10`. A stored lock does not keep the order of claims. */
function orderOf(id: string): string {
  return id.replaceAll(/\d+/g, (digits) => digits.padStart(10, '0'))
}

/**
 * The overview of an experiment that has no report yet; empty if its file is invalid. Throws `ExpError` if the file
 * cannot be read.
 * @param locale of its texts; by default the experiment's first one
 */
export function plannedOverviews(root: string, id: string, locale?: Locale): readonly Overview[] {
  const { experiment } = parseExperimentFile(root, experimentFile(root, id))
  if (experiment === undefined) return []
  const shown = forPublication(experiment)
  return [plannedOverview(inLocale(shown, locale ?? shown.locales[0]))]
}

function plannedOverview(experiment: Experiment): Overview {
  const { id, title, question, follows, locales, configs } = experiment
  return {
    id,
    title,
    ...(question !== undefined && { question }),
    ...(follows !== undefined && { follows }),
    locale: locales[0],
    answer: [],
    state: 'open',
    standIn: false,
    complete: 0,
    configs: configs.length,
    failed: 0,
    verdicts: {},
  }
}

/** An overview as plain one-line texts in one locale. */
export interface OverviewLine {
  readonly title: string
  readonly question: string
  readonly answer: string
  readonly verdicts: string
  readonly version: string
  readonly date: string
  readonly state: string
  /** `docker-opt v1.0: slots`; empty if the experiment tests no cause of another report. */
  readonly follows: string
}

export function overviewLine(overview: Overview, words: NotebookWords): OverviewLine {
  return {
    title: overview.title,
    question: overview.question ?? '',
    answer: overview.standIn ? words.text('answer.standIn') : (overview.answer[0] ?? ''),
    verdicts: Object.entries(overview.verdicts)
      .map(([id, verdict]) => `${id} ${verdictIcon(verdict, words)}`)
      .join(words.text('join.list')),
    version: overview.version ?? '',
    date: overview.date === undefined ? '' : dayOf(overview.date),
    state: stateText(overview, words),
    follows: overview.follows === undefined ? '' : followsText(overview.follows),
  }
}

function followsText({ experiment, version, cause }: NonNullable<Lock['follows']>): string {
  return `${experiment} ${version}: ${cause}`
}

/** The state in words. It says "complete" only if no result is pending, failed or from a stand-in. */
function stateText(
  { version, state, standIn, complete, configs, failed }: Overview,
  words: NotebookWords,
): string {
  if (version === undefined) return words.text('state.planned')
  const done = complete === configs
  const counts = `${complete}/${configs}`
  if (standIn) return words.text('state.standIn', { counts })
  const word = state === 'open' ? 'open' : failed > 0 ? 'failed' : done ? 'done' : 'incomplete'
  return words.text(`state.${word}`, { counts })
}

/** The most frequent locale; among equally frequent ones, the first in `locales`. */
export function commonLocale(written: readonly Locale[]): Locale {
  const count = (locale: Locale): number => written.filter((one) => one === locale).length
  return locales.reduce((most, locale) => (count(locale) > count(most) ? locale : most))
}

/** An overview with its place in the tree of experiments that follow from others. */
export interface OverviewNode {
  readonly overview: Overview
  /** 0 for an experiment that follows from none of the others. */
  readonly depth: number
}

/**
 * The overviews as a tree in depth-first order: each experiment below the one whose cause it tests.
 * Siblings keep their order. Experiments that follow from each other in a circle appear once.
 */
export function overviewTree(overviews: readonly Overview[]): readonly OverviewNode[] {
  const children = groupBy(overviews, ({ follows }) => follows?.experiment)
  const ids = new Set(overviews.map(({ id }) => id))
  const roots = overviews.filter(
    ({ follows }) => follows === undefined || !ids.has(follows.experiment),
  )
  const placed = new Map<Overview, OverviewNode>()
  // A circle has no root, so its members are added after the trees.
  const waiting = [...roots, ...overviews].map((overview) => ({ overview, depth: 0 })).reverse()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { overview, depth } = next
    if (placed.has(overview)) continue
    placed.set(overview, next)
    const below = children.get(overview.id) ?? []
    for (const child of below.toReversed()) waiting.push({ overview: child, depth: depth + 1 })
  }
  return [...placed.values()]
}

export interface ExperimentList {
  readonly overviews: readonly Overview[]
  /** The errors of experiments that cannot be listed, because a lock or an experiment file cannot be read. */
  readonly failures: readonly ExpError[]
}

/**
 * The experiments that have a report, from their newest locks, then those without a report. Invalid experiment files
 * are left out; `exp validate` shows their problems.
 * @param locale of their texts; by default each experiment's first one
 */
export function listExperiments(
  root: string,
  newest: NewestLocks,
  locale?: Locale,
): ExperimentList {
  const { locks, failures } = newest.readEach()
  const known = new Set([...locks.map(({ experiment }) => experiment), ...failures.keys()])
  const others = experimentIds(root).filter((id) => !known.has(id))
  const planned = readPerExperiment(others, (id) => plannedOverviews(root, id, locale))
  return {
    overviews: [
      ...locks.map((lock) => overviewOf(translatedLock(root, lock, locale))),
      ...planned.results.flat(),
    ],
    failures: [...failures.values(), ...planned.failures.values()],
  }
}
