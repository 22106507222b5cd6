/**
 * Searches for the capacity of each config. Each window measures one level of the load; the windows before it decide
 * which level. All windows of a config use one start of the server. The windows are read from the stored trials, so a
 * resumed run continues the search where it was interrupted.
 */
import { longestSearch, searchStep } from '../experiment/levels/capacity-search.ts'
import type { LoadSeries } from '../experiment/levels/load-series.ts'
import type { PreparedRun, RunDeps, RunTrial } from './run.ts'
import type { TrialServer } from './trial-server.ts'

/**
 * Measures and stores one trial.
 * @param total how many trials this command measures; during a search, the most that it may measure
 * @param keepsServer true if the next trial uses the same server
 * @param trialsOfRounds all trials of the rounds; absent for a window of the search, which belongs to no round
 */
export type MeasureTrial = (
  trial: RunTrial,
  total: number,
  keepsServer: boolean,
  trialsOfRounds?: readonly RunTrial[],
) => Promise<void>

/**
 * A window of the search belongs to no round. In its trial, the field `round` counts the windows of a level, starting at
 * this number, which no real round reaches.
 */
const firstWindowNumber = 10_001

/** True if the run's searches have ended, and the rounds have measured all levels that they chose. */
export async function isSearchOver(
  { search, trials, run, experiment: { series = [] } }: PreparedRun,
  { searchWindows }: Pick<RunDeps, 'searchWindows'>,
): Promise<boolean> {
  if (search === undefined) return false
  const pending = new Set(trials.map(({ config }) => config))
  const windows = await searchWindows(run)
  const searched = series.filter(({ levels }) => levels.some(({ config }) => pending.has(config)))
  const keys = new Set(searched.flatMap(({ levels }) => levels.map(({ config }) => config)))
  return (
    [...pending].every((config) => keys.has(config)) &&
    searched.every(({ key, levels }) => {
      const step = searchStep(search, windows.get(key) ?? [])
      return 'confirm' in step && step.confirm.every((one) => !pending.has(keyOf(levels, one)))
    })
  )
}

function keyOf(levels: LoadSeries['levels'], level: number): string {
  return levels.find(({ value }) => value === level)?.config ?? ''
}

/**
 * Runs the searches, if the experiment has any.
 * @returns the trials of the rounds that follow: all of them, or those of the levels that the searches chose
 */
export async function searchCapacities(
  prepared: PreparedRun,
  measure: MeasureTrial,
  server: TrialServer,
  deps: Pick<RunDeps, 'searchWindows' | 'signal'>,
): Promise<readonly RunTrial[]> {
  const { search, trials, experiment } = prepared
  if (search === undefined) return trials
  const { series = [] } = experiment
  const chosen = new Set<string>()
  const planned = new Set(trials.map(({ config }) => config))
  const longest = longestSearch(search)
  const perSeries = longest.windows.length + longest.confirm.length * prepared.rounds
  const searched = series.filter(({ levels }) => levels.some(({ config }) => planned.has(config)))
  for (const [index, each] of searched.entries()) {
    const maxTrials = (searched.length - index) * perSeries
    const keys = await searchCapacity(each, prepared, maxTrials, measure, deps)
    for (const key of keys) chosen.add(key)
    await server.stop()
    if (deps.signal.aborted) return []
  }
  const levels = new Set(series.flatMap((each) => each.levels.map(({ config }) => config)))
  return trials.filter(({ config }) => chosen.has(config) || !levels.has(config))
}

/** Runs one search. Returns the keys of the levels that the rounds measure; none if the run is interrupted. */
async function searchCapacity(
  { key, levels }: LoadSeries,
  { run, search }: PreparedRun,
  maxTrials: number,
  measure: MeasureTrial,
  { searchWindows, signal }: Pick<RunDeps, 'searchWindows' | 'signal'>,
): Promise<readonly string[]> {
  while (search !== undefined && !signal.aborted) {
    const windows = await searchWindows(run)
    const own = windows.get(key) ?? []
    const step = searchStep(search, own)
    if ('confirm' in step) return step.confirm.map((level) => keyOf(levels, level))
    const before = own.filter(({ level }) => level === step.measure).length
    const position = [...windows.values()].flat().length + 1
    await measure(
      {
        config: keyOf(levels, step.measure),
        round: firstWindowNumber + before,
        position,
        start: position,
        search: true,
      },
      maxTrials,
      true,
    )
  }
  return []
}
