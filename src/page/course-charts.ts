/** Charts of the course of a trial, one per config: of an outlier if there is one, or else of the median trial. */
import type { Analysis, ConfigAnalysis } from '../analysis/analysis.ts'
import type { Chart, CourseChart, CoursePoint } from '../charts/chart.ts'
import { decimalsFor, fixed, integer } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import type { StoredTrial } from '../results/store.ts'
import type { PageWords } from './report-body.ts'

/** The maximum number of charts on a page. */
const maxCharts = 6
/** A trial with many requests is divided into this many spans of time, and shows up to four requests of each. */
const spans = 100

type Trial = ConfigAnalysis['trials'][number]

/** @param readTrial reads a result file, by its name */
export async function courseCharts(
  analysis: Analysis,
  words: PageWords,
  readTrial: (file: string) => Promise<StoredTrial>,
): Promise<readonly Chart[]> {
  const shown = analysis.configs.flatMap((config, index) => {
    const trial = chosenTrial(config, analysis)
    return trial === undefined ? [] : [{ config, index, trial }]
  })
  return Promise.all(
    shown.slice(0, maxCharts).map(async ({ config, index, trial }) => {
      const stored = await readTrial(trial.file)
      const label = oneLine(config.config.label) || config.config.key
      return courseChart(stored, trial, { label, index, standIn: analysis.standIn }, words)
    }),
  )
}

/** An outlier trial, or else the trial with the median mean latency. */
function chosenTrial(
  { config, trials }: ConfigAnalysis,
  { outliers }: Analysis,
): Trial | undefined {
  const odd = outliers.find((outlier) => outlier.config === config.key)
  const latencyOf = ({ figures }: Trial) => figures.get('latencyMean')?.value ?? NaN
  const ended = trials
    .filter((trial) => trial.outcome === 'ended' && latencyOf(trial) > 0)
    .toSorted((one, other) => latencyOf(one) - latencyOf(other))
  return (
    ended.find(({ header: { round } }) => round === odd?.round) ??
    ended[Math.floor((ended.length - 1) / 2)]
  )
}

interface ShownTrial {
  readonly label: string
  readonly index: number
  readonly standIn: boolean
}

function courseChart(
  { requests }: StoredTrial,
  { header: { round }, window }: Trial,
  { label, index, standIn }: ShownTrial,
  words: PageWords,
): CourseChart {
  const points = pointsOf(requests)
  const failed = points.filter((point) => point.failed).length
  const kept = thinnedBySpan(points)
  const decimals = decimalsFor(kept.map(({ ms }) => ms))
  const title = words.text('pictures.course', { config: label, round })
  const slowest = Math.max(...kept.map(({ ms }) => ms))
  return {
    kind: 'course',
    title,
    alt: words.text('pictures.course.alt', {
      title,
      requests: integer(points.length),
      slowest: fixed(slowest, decimals),
      failed: failed === 0 ? '' : integer(failed),
    }),
    notes: [
      ...(standIn ? [words.text('pictures.demo')] : []),
      ...(kept.length < points.length
        ? [
            words.text('pictures.course.thinned', {
              shown: kept.length,
              all: integer(points.length),
            }),
          ]
        : []),
    ],
    axis: words.text('pictures.latency'),
    timeAxis: words.text('pictures.time'),
    config: index,
    window: { low: (window?.openMs ?? 0) / 1000, high: (window?.closeMs ?? 0) / 1000 },
    windowText: words.text('pictures.window'),
    failed: failed === 0 ? '' : words.text('pictures.failed'),
    points: kept.map((point) => ({
      ...point,
      at: rounded(point.at),
      ms: rounded(point.ms),
      text: `${fixed(point.at, 2)} s: ${fixed(point.ms, decimals)} ms`,
    })),
  }
}

type Point = Omit<CoursePoint, 'text'>

/** The requests of the measured phase. */
function pointsOf(requests: StoredTrial['requests']): readonly Point[] {
  const [sent, end] = [requests.numbers('sentMs'), requests.numbers('endMs')]
  const [phases, outcomes] = [requests.texts('phase'), requests.texts('outcome')]
  const measured = phases.texts.indexOf('measured')
  const ok = outcomes.texts.indexOf('ok')
  return Array.from(sent, (at, row) => ({
    at: at / 1000,
    ms: (end[row] ?? NaN) - at,
    isMeasured: phases.codes[row] === measured,
    ...(outcomes.codes[row] !== ok && { failed: true as const }),
  })).flatMap(({ isMeasured, ...point }) => (isMeasured ? [point] : []))
}

/**
 * Returns all points if they are few. Otherwise keeps for each span of time the fastest, the median and the slowest
 * request, and a failed one.
 */
function thinnedBySpan(points: readonly Point[]): readonly Point[] {
  if (points.length <= 3 * spans) return points
  const last = points.reduce((most, { at }) => Math.max(most, at), 0) || 1
  const bySpan = Array.from({ length: spans }, (): Point[] => [])
  for (const point of points)
    bySpan[Math.min(spans - 1, Math.floor((point.at / last) * spans))]?.push(point)
  return bySpan.flatMap((inSpan) => {
    const ascending = inSpan.toSorted((one, other) => one.ms - other.ms)
    const middle = ascending[Math.floor((ascending.length - 1) / 2)]
    const kept = [ascending[0], middle, ascending.at(-1), inSpan.find(({ failed }) => failed)]
    return [...new Set(kept.flatMap((point) => point ?? []))]
  })
}

/** Four decimals; more would not be visible. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
