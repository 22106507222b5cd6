/** Judges whether the windows of a search for a capacity meet the objectives. */
import type { SearchWindow } from '../experiment/levels/capacity-search.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Objective } from '../experiment/threshold.ts'
import { metricById } from '../metrics/catalog.ts'
import type { ResultStore } from '../results/store.ts'
import { meetsThreshold } from './goodput.ts'
import { summariseTrial } from './summarise-trial.ts'

/**
 * A figure is close to its objective within this factor, or within this number of points. A share of 100 % never is.
 */
const closeFactor = 1.25
const closePoints = 2

/**
 * By the key of the series: the windows that a run has measured so far, in their order. Interrupted trials are left
 * out.
 */
export async function searchWindows(
  { series = [], configs, objectives = [] }: Experiment,
  store: Pick<ResultStore, 'list' | 'read'>,
  run: string,
): Promise<ReadonlyMap<string, readonly SearchWindow[]>> {
  const trials = (await store.list())
    .filter(({ header, end }) => header.run === run && header.search === true && end !== undefined)
    .toSorted((one, other) => one.header.position - other.header.position)
  const found = new Map<string, SearchWindow[]>()
  for (const { file, header, end } of trials) {
    const config = configs.find((each) => each.measurementDigest === header.measurementDigest)
    const own = series.find(({ levels }) => levels.some((each) => each.config === config?.key))
    const level = own?.levels.find((each) => each.config === config?.key)?.value
    if (own === undefined || level === undefined) continue
    const judged =
      end?.outcome === 'ended'
        ? judge(objectives, summariseTrial(await store.read(file), objectives).figures)
        : { met: false, isClose: false }
    found.set(own.key, [...(found.get(own.key) ?? []), { level, ...judged }])
  }
  return found
}

/** An objective without a figure counts as met: a higher level may have enough requests for a figure. */
export function judge(
  objectives: readonly Objective[],
  figures: ReadonlyMap<string, { readonly value?: number }>,
): Omit<SearchWindow, 'level'> {
  const known = objectives.flatMap(({ metric, threshold }) => {
    const value = figures.get(metric)?.value
    return value === undefined ? [] : [{ metric, threshold, value }]
  })
  return {
    met: known.every(({ value, threshold }) => meetsThreshold(value, threshold)),
    isClose: known.some(({ metric, value, threshold: { value: bound } }) =>
      metricById(metric)?.change === 'difference'
        ? value !== 100 && Math.abs(value - bound) <= closePoints
        : Math.abs(Math.log(value / bound)) <= Math.log(closeFactor),
    ),
  }
}
