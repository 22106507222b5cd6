/**
 * One trial's requests. Enters: the load that the experiment asks for, and what the load needs of the world: how
 * to send a request, what to ask, where records go, the clock, a seeded random source. Leaves: one record for
 * every request, failures included, and the window in which they are counted. Warm-up comes first, is marked, and
 * has ended before the window opens. A request that fails is a record; only a bug, or a record that cannot be
 * written, makes `runLoad` reject, after everything that ran was cancelled.
 */
import type { Load } from '../experiment/experiment.ts'
import type { Generation } from '../ollama/generation.ts'
import type { PreparedRequest } from '../ollama/request.ts'
import type { RequestRecord, TrialEnd, Window } from '../results/record.ts'
import { ClientHealth } from './client-health.ts'
import { closedLoop } from './loops.ts'
import type { LiveFigures } from './live-stats.ts'
import { MeasuredWindow } from './measured-window.ts'
import { arrivals, openLoop } from './open-loop.ts'
import { toMicrosecond } from './request-record.ts'
import type { AnswerEvaluation, Phase, StoredPrompt } from './request-record.ts'
import { SampleWalk, shuffledIndexes } from './sample-walk.ts'
import type { Step } from './sample-walk.ts'
import { Sender } from './sender.ts'

export interface LoadPlan {
  readonly load: Load
  readonly warmupRequests: number
  /** Ids of the dataset's samples; at least one. */
  readonly samples: readonly string[]
  /** Of each request. */
  readonly timeoutMs: number
  /** What `idleLoopDelayP99` gave on this machine. */
  readonly idleLoopDelayP99Ms: number
}

export interface SampleRequest extends Step {
  readonly phase: Phase
}

export interface LoadDependencies {
  /** Must not reject. */
  readonly generate: (
    request: PreparedRequest,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<Generation>
  /** What to send, made just before the request's clock starts. */
  readonly prepare: (ask: SampleRequest) => StoredPrompt & { readonly request: PreparedRequest }
  /** Asked about ok requests only. */
  readonly evaluate: (sampleIndex: number, generation: Generation) => AnswerEvaluation
  readonly write: (record: RequestRecord) => void
  /** Monotonic, in milliseconds; the clock that generations are timed by. */
  readonly now: () => number
  /** The trial's start on that clock: the zero of all stored times. */
  readonly zero: number
  /** Seeded, in [0, 1). Decides the order of samples and the arrivals of an open loop. */
  readonly random: () => number
  /** Breaks the trial off: requests that run are cancelled and recorded as such. */
  readonly signal: AbortSignal
  /** Called about four times a second. */
  readonly onProgress?: (live: LiveFigures) => void
}

export interface LoadResult {
  /**
   * - `ended`: as planned
   * - `failed`: given up, because not one request had succeeded
   * - `interrupted`: by the signal
   */
  readonly outcome: 'ended' | 'failed' | 'interrupted'
  /** Why it failed. */
  readonly reason?: string
  /** Absent where no measured request was sent. */
  readonly window?: Window
  /** Of the measured phase. */
  readonly counts: TrialEnd['counts']
  /** Of the measured phase; absent where it was not reached. */
  readonly client?: NonNullable<TrialEnd['client']>
}

const progressEveryMs = 250

export async function runLoad(plan: LoadPlan, deps: LoadDependencies): Promise<LoadResult> {
  const sender = new Sender(plan, deps)
  const progress = setInterval(() => deps.onProgress?.(sender.live()), progressEveryMs)
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
      ...sender.ending(),
      ...(bounds !== undefined && { window: storedWindow(bounds, deps.zero) }),
      counts: sender.counts(plan.load.kind === 'closed-requests' ? plan.load.requests : undefined),
      ...(client !== undefined && { client }),
    }
  } finally {
    clearInterval(progress)
    sender.dispose()
  }
}

/** Walks the order backwards, so that the samples asked here are those that the measured phase comes to last. */
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

function storedWindow(bounds: { openAt: number; closeAt: number }, zero: number): Window {
  const openMs = toMicrosecond(bounds.openAt - zero)
  return { type: 'window', openMs, closeMs: toMicrosecond(bounds.closeAt - zero) }
}
