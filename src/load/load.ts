/**
 * Runs the requests of one trial. Input: the load of the experiment, and functions to build, send, score and
 * store requests. Output: one record per request, failed ones included, and the window in which requests count.
 * Warm-up requests come first, are marked, and have ended before the window opens. `runLoad` rejects only for a bug
 * or a record that cannot be written, and cancels all running requests before that.
 */
import type { Generation } from '../ollama/generation.ts'
import type { TrialEnd, Window } from '../results/record.ts'
import { ClientHealth } from './client-health.ts'
import type { LoadDependencies, LoadPlan, LoadResult } from './load-plan.ts'
import { arrivals, closedLoop, openLoop } from './loops.ts'
import { MeasuredWindow } from './measured-window.ts'
import { toMicrosecond } from './request-record.ts'
import { SampleWalk, shuffledIndexes } from './sample-walk.ts'
import { Sender } from './sender.ts'

const progressIntervalMs = 250

export async function runLoad(plan: LoadPlan, deps: LoadDependencies): Promise<LoadResult> {
  const sender = new Sender(plan, deps)
  const progress = setInterval(() => deps.onProgress?.(sender.liveFigures()), progressIntervalMs)
  try {
    const order = shuffledIndexes(plan.samples.length, deps.random)
    await warmUp(plan, sender, order)
    const window = new MeasuredWindow(plan.load)
    const client = sender.stopped.aborted
      ? undefined
      : await measure(plan, deps, sender, new SampleWalk(order), window)
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

/** Uses the samples in reverse order, so that the measured phase reaches the warmed-up samples last. */
async function warmUp(plan: LoadPlan, sender: Sender, order: readonly number[]): Promise<void> {
  const { load, warmupRequests } = plan
  const walk = new SampleWalk(order.toReversed())
  let claimed = 0
  await closedLoop(
    load.kind === 'open' ? 1 : load.users,
    () => claimed++ < warmupRequests,
    (user) => sender.send({ phase: 'warmup', user, ...walk.next() }),
    sender.stopped,
  )
}

async function measure(
  { load, idleLoopDelayP99Ms }: LoadPlan,
  { now, random }: LoadDependencies,
  sender: Sender,
  walk: SampleWalk,
  window: MeasuredWindow,
): Promise<NonNullable<TrialEnd['client']>> {
  const send = async (user: number, scheduledAt?: number): Promise<Generation | undefined> => {
    const generation = await sender.send({ phase: 'measured', user, scheduledAt, ...walk.next() })
    if (generation !== undefined) window.countEnded(generation)
    return generation
  }
  const health = new ClientHealth()
  sender.beginMeasured()
  if (load.kind === 'open')
    await openLoop(arrivals(load, random), now, (dueAt) => send(0, dueAt), sender.stopped)
  else await closedLoop(load.users, () => window.claim(now()), send, sender.stopped)
  return health.read(idleLoopDelayP99Ms)
}

function storedWindow(bounds: { openAt: number; closeAt: number }, trialStart: number): Window {
  const openMs = toMicrosecond(bounds.openAt - trialStart)
  return { type: 'window', openMs, closeMs: toMicrosecond(bounds.closeAt - trialStart) }
}
