/**
 * Runs the requests of one trial. Input: the load of the experiment, and functions to build, send, score and
 * store requests. Output: one record per request, failed ones included, and the window in which requests count.
 * Warm-up requests come first, are marked, and have ended before the window opens. `runLoad` rejects only for a bug
 * or a record that cannot be written, and cancels all running requests before that.
 */
import type { Load, Pause } from '../experiment/load.ts'
import type { TrialEnd, Window } from '../results/record.ts'
import { ClientHealth } from './client-health.ts'
import type { LoadDependencies, LoadPlan, LoadResult } from './load-plan.ts'
import { arrivals, closedLoop, openLoop, pauseLength } from './loops.ts'
import { MeasuredWindow } from './measured-window.ts'
import { toMicrosecond } from './request-record.ts'
import { UserTurns, walksOf } from './sample-walk.ts'
import { Sender, type UserRequest } from './sender.ts'

const progressIntervalMs = 250

export async function runLoad(plan: LoadPlan, deps: LoadDependencies): Promise<LoadResult> {
  const sender = new Sender(plan, deps)
  const progress = setInterval(() => deps.onProgress?.(sender.liveFigures()), progressIntervalMs)
  try {
    const walks = walksOf(plan, deps.random)
    const warmupTurns = new UserTurns(walks.warmup)
    const warmupMs = await warmUp(plan, sender, warmupTurns)
    const turns = new UserTurns(walks.measured, warmupTurns.started)
    const window = new MeasuredWindow(plan.load)
    const client = sender.stopped.aborted
      ? undefined
      : await measure(plan, deps, sender, { turns, window, warmupMs })
    sender.rethrow()
    const bounds = window.bounds(sender.stoppedAt)
    return {
      ...sender.result(),
      ...(bounds !== undefined && { window: storedWindow(bounds, deps.trialStart) }),
      counts: sender.counts(plan.load.kind === 'closed-requests' ? plan.load.requests : undefined),
      ...(client !== undefined && { client }),
    }
  } finally {
    clearInterval(progress)
    sender.dispose()
  }
}

/** @returns the latencies of the requests that succeeded */
async function warmUp(
  plan: LoadPlan,
  sender: Sender,
  turns: UserTurns,
): Promise<readonly number[]> {
  const { load, warmupRequests } = plan
  const latencies: number[] = []
  let reserved = 0
  await closedLoop({
    users: load.kind === 'open' ? 1 : load.users,
    reserve: () => reserved++ < warmupRequests,
    send: async (user) => {
      const step = turns.next(user)
      const generation = await sender.send({ phase: 'warmup', user, ...step })
      turns.answered(user, step, generation)
      if (generation?.outcome === 'ok') latencies.push(generation.endedAt - generation.sentAt)
      return generation
    },
    stopped: sender.stopped,
  })
  return latencies
}

interface MeasuredPhase {
  readonly turns: UserTurns
  readonly window: MeasuredWindow
  /** The latencies of the warm-up. */
  readonly warmupMs: readonly number[]
}

async function measure(
  { load, idleLoopDelayP99Ms }: LoadPlan,
  { now, random, pauseRandom, onWarmupEnd }: LoadDependencies,
  sender: Sender,
  { turns, window, warmupMs }: MeasuredPhase,
): Promise<NonNullable<TrialEnd['client']>> {
  const onEnd = onWarmupEnd?.()
  const health = new ClientHealth()
  const send = async (times: Pick<UserRequest, 'user' | 'scheduledAt' | 'pauseMs'>) => {
    const step = turns.next(times.user)
    const generation = await sender.send({ phase: 'measured', ...times, ...step })
    turns.answered(times.user, step, generation)
    if (generation === undefined) return undefined
    window.countEnded(generation)
    health.add(generation)
    return generation
  }
  try {
    sender.beginMeasured()
    if (load.kind === 'open') {
      const sendAt = (scheduledAt: number) => send({ user: 0, scheduledAt })
      await openLoop(arrivals(load, random), now, sendAt, sender.stopped)
    } else {
      const pauses = load.pause && pauseLengths(load.pause, load.users, pauseRandom)
      await closedLoop({
        users: load.users,
        reserve: () => window.reserve(now()),
        send: (user, pauseMs) => send({ user, pauseMs }),
        stopped: sender.stopped,
        startAfterMs: (user) => firstRequestDelayMs(load, user, warmupMs, pauses),
        ...(pauses && { pauses: { next: pauses, now, isTooLate: (at) => window.isOver(at) } }),
      })
    }
  } finally {
    onEnd?.()
  }
  return health.read(idleLoopDelayP99Ms)
}

/** The length of a user's next pause. */
type NextPause = (user: number) => number

function pauseLengths(
  pause: Pause,
  users: number,
  pauseRandom: LoadDependencies['pauseRandom'],
): NextPause {
  const streams = Array.from({ length: users }, (_, user) => pauseRandom(user))
  return (user) => pauseLength(pause, streams[user] ?? pauseRandom(user))
}

/**
 * How long a user waits before the first request, in ms. With a ramp, users start one after another. Without one, users
 * who pause are in the middle of a pause when the window opens, so that they do not all start together.
 */
function firstRequestDelayMs(
  { users, rampMs, pause }: Exclude<Load, { kind: 'open' }>,
  user: number,
  warmupMs: readonly number[],
  nextPause: NextPause | undefined,
): number {
  if (rampMs === undefined && pause?.distribution === 'exponential') return nextPause?.(user) ?? 0
  const overMs = rampMs === 'auto' ? median(warmupMs) : (rampMs ?? pause?.meanMs ?? 0)
  return (user * overMs) / users
}

/** The middle value, or the higher of the two middle ones; 0 for an empty list. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function storedWindow(bounds: { openAt: number; closeAt: number }, trialStart: number): Window {
  const openMs = toMicrosecond(bounds.openAt - trialStart)
  return { type: 'window', openMs, closeMs: toMicrosecond(bounds.closeAt - trialStart) }
}
