/**
 * Combines cells of a grid into one side of a comparison: the cells with one level of a factor, over the same
 * combinations of the other factors. Each round gives one figure, the mean over the cells with equal weights, so that
 * rounds are the replicates and cells are not: cells of a round share the state of the machine, and may share a start
 * of the server.
 */
import type { Metric } from '../../metrics/catalog.ts'
import type { ConfigAnalysis, ConfigState } from '../analysis.ts'
import { combine, pooledCounts } from '../config-figures.ts'
import { roundsInterval } from '../figure-interval.ts'
import { tableConfidence } from '../config-figures.ts'
import type { Doubt, Figure, RoundFigure } from '../figure.ts'
import { mean, sum } from '../measured-requests.ts'
import { timingErrorOfMean } from '../timing-error.ts'

/** @param cells at least one */
export function levelOf(cells: readonly [ConfigAnalysis, ...ConfigAnalysis[]]): ConfigAnalysis {
  const [first] = cells
  const runs = new Set(cells.map(({ run }) => run))
  const state = runs.size > 1 ? 'pending' : stateOf(cells)
  const figures = [...first.figures.keys()].flatMap((id) => {
    const each = cells.flatMap(({ figures }) => figures.get(id) ?? [])
    const [one] = each
    return one === undefined || each.length < cells.length
      ? []
      : [[id, levelFigure(one.metric, each)] as const]
  })
  const { run, ...representative } = cells.find((cell) => cell.state === state) ?? first
  return {
    ...representative,
    state,
    ...(runs.size > 1 || run === undefined ? {} : { run }),
    trials: cells.flatMap(({ trials }) => trials),
    figures: new Map(figures),
    audits: [],
    cells,
  }
}

const statesFromWorst: readonly ConfigState[] = ['failed', 'pending', 'incomplete', 'measured']

function stateOf(cells: readonly ConfigAnalysis[]): ConfigState {
  return statesFromWorst.find((state) => cells.some((cell) => cell.state === state)) ?? 'pending'
}

/** The mean of the cells' figures, over the rounds in which all cells have a figure. */
function levelFigure(metric: Metric, figures: readonly Figure[]): Figure {
  const absence = figures.find((figure) => figure.absence !== undefined)?.absence
  const n = sum(figures.map((figure) => figure.n))
  if (metric.family === 'score' || absence !== undefined)
    return {
      metric,
      absence: absence ?? { code: 'not-applicable' },
      n,
      basedOn: 'requests',
      byRound: [],
      doubts: [],
    }
  const [first] = figures
  const byRound = (first?.byRound ?? []).flatMap(({ round }) => {
    const inRound = figures.flatMap(
      (figure) => figure.byRound.find((one) => one.round === round) ?? [],
    )
    return inRound.length < figures.length ? [] : [roundOf(metric, inRound)]
  })
  if (byRound.length === 0)
    return { metric, absence: { code: 'pending' }, n, basedOn: 'requests', byRound, doubts: [] }
  const counts = pooledCounts(byRound)
  const value = combine(metric, byRound)
  const timingError = timingErrorOfMean(metric, value, figures)
  const figure: Figure = {
    metric,
    value,
    n,
    basedOn: 'requests',
    byRound,
    ...(counts === undefined ? {} : { counts }),
    ...(timingError === undefined ? {} : { timingError }),
    doubts: distinctDoubts(figures),
  }
  const interval = roundsInterval(figure, tableConfidence)
  return interval === undefined ? figure : { ...figure, interval }
}

function roundOf(metric: Metric, cells: readonly RoundFigure[]): RoundFigure {
  const values = cells.map(({ value }) => value)
  const counts = cells.every((cell) => cell.counts !== undefined) ? pooledCounts(cells) : undefined
  return {
    run: cells[0]?.run ?? '',
    round: cells[0]?.round ?? NaN,
    position: mean(cells.map(({ position }) => position)),
    value: metric.change === 'ratio' ? Math.exp(mean(values.map(Math.log))) : mean(values),
    n: sum(cells.map((cell) => cell.n)),
    ...(counts === undefined ? {} : { counts }),
  }
}

function distinctDoubts(figures: readonly Figure[]): readonly Doubt[] {
  const all = figures.flatMap(({ doubts }) => doubts)
  return [...new Map(all.map((doubt) => [JSON.stringify(doubt), doubt])).values()]
}
