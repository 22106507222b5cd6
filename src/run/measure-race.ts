/**
 * Runs a race between settings, and the confirmation of its winner. Which rounds come next depends on the trials so
 * far, and is decided outside this room. Every trial starts its own server, so that the trials of a round are
 * independent.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { idleLoopDelayP99 } from '../load/client-health.ts'
import type { LiveFigures } from '../load/load-plan.ts'
import { storeTrial } from './measure-run.ts'
import { raceTrials } from './race-order.ts'
import type {
  PreparedRun,
  RaceProgress,
  RaceRounds,
  RunDeps,
  RunOutcome,
  RunTrial,
  ScheduledTrial,
} from './run.ts'
import { TrialServer } from './trial-server.ts'

/** @param current the trial whose records are stored except its end; it counts as ended */
export type ReadProgress = (
  run: string,
  current?: { readonly config: string; readonly round: number },
) => Promise<RaceProgress>

export async function measureRace(
  prepared: PreparedRun,
  deps: RunDeps,
  readProgress: ReadProgress,
): Promise<RunOutcome> {
  await deps.rehearse(deps.signal)
  const measured: RunOutcome['trials'][number][] = []
  let progress = await readProgress(prepared.run)
  const session = {
    prepared,
    deps,
    readProgress,
    measured,
    idleLoopDelayP99Ms: await idleLoopDelayP99(),
    firstPosition: progress.done.length + 1,
  }
  const isInterrupted = () => deps.signal.aborted
  while (progress.next !== undefined && !isInterrupted()) {
    const { next, eliminated } = progress
    progress = await measureRounds(session, next, progress)
    const newlyEliminated = progress.eliminated.filter((config) => !eliminated.includes(config))
    // The confirmation eliminates no config.
    if (next.phase === 'race' && !isInterrupted())
      deps.onEvent({ type: 'race', progress, newlyEliminated })
  }
  return { run: prepared.run, trials: measured, interrupted: deps.signal.aborted }
}

interface Session {
  readonly prepared: PreparedRun
  readonly deps: RunDeps
  readonly readProgress: ReadProgress
  readonly measured: RunOutcome['trials'][number][]
  readonly idleLoopDelayP99Ms: number
  readonly firstPosition: number
}

/** Measures the trials of these rounds that are not done. A config that fails in the race does not run again. */
async function measureRounds(
  { prepared, deps, readProgress, measured, firstPosition, ...timing }: Session,
  rounds: RaceRounds,
  { done }: RaceProgress,
): Promise<RaceProgress> {
  const isDone = ({ config, round }: RunTrial) =>
    done.some((each) => each.config === config && each.round === round)
  let queue = raceTrials(rounds, prepared.seed).filter((trial) => !isDone(trial))
  let last: RaceProgress | undefined
  for (let planned = queue[0]; planned !== undefined && !deps.signal.aborted; planned = queue[0]) {
    queue = queue.slice(1)
    const { config } = planned
    const trial: ScheduledTrial = {
      ...planned,
      position: firstPosition + measured.length,
      index: measured.length + 1,
      total: measured.length + 1 + queue.length,
    }
    deps.onEvent({ type: 'trial-started', trial })
    let live: LiveFigures | undefined
    const outcome = await storeTrial(
      { ...prepared, rounds: rounds.lastRound },
      trial,
      {
        ...timing,
        ...{ server: new TrialServer(), firstTrialOfServer: trial.position, keepsServer: false },
        onProgress: (figures) => {
          live = figures
          deps.onEvent({ type: 'progress', trial, live: figures })
        },
        stopIfPrecise: async () => {
          // If this trial fails, its config leaves the queue. So only trials of other configs mean that more will
          // follow.
          if (queue.some((each) => each.config !== config)) return undefined
          // The records of the trial are written at the end of this turn of the event loop.
          await nextTurn()
          last = await readProgress(prepared.run, trial)
          return last.next === undefined ? trial.round : undefined
        },
      },
      deps,
    )
    measured.push({ trial, outcome })
    deps.onEvent({
      type: 'trial-ended',
      trial,
      ...outcome,
      ...(live === undefined ? {} : { live }),
    })
    if (rounds.phase === 'race' && outcome.outcome === 'failed')
      queue = queue.filter((each) => each.config !== config)
    if (queue.length > 0 && last?.next !== undefined) last = undefined
  }
  // Uses the decision that the last trial's end record holds. The budget keeps running, so a new one could differ from
  // it.
  return last ?? readProgress(prepared.run)
}
