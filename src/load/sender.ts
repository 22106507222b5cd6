/** Sends the requests of a trial, records and counts each of them, and stops the trial if no request succeeds. */
import { createHistogram } from 'node:perf_hooks'
import type { Generation } from '../ollama/generation.ts'
import type { TrialEnd } from '../results/record.ts'
import type {
  LoadDependencies,
  LoadPlan,
  LoadResult,
  SampleRequest,
  LiveFigures,
} from './load-plan.ts'
import {
  requestRecord,
  type AnswerEvaluation,
  type Phase,
  type StoredPrompt,
} from './request-record.ts'

export interface UserRequest extends SampleRequest {
  readonly user: number
  /** When the request is due on the trial's clock. Open loop only. */
  readonly scheduledAt?: number | undefined
  /** Length of the user's pause before the request. Closed loop with pauses only; absent for a user's first request. */
  readonly pauseMs?: number | undefined
}

const noEvaluation: AnswerEvaluation = {}

export class Sender {
  readonly #plan: LoadPlan
  readonly #deps: LoadDependencies
  readonly #stop = new AbortController()
  readonly #interrupt = () => this.#stopNow()
  /** The trial stops after this many failures without a success, warm-up included. */
  readonly #maxFailures: number
  #live: LiveCounter
  #index = 0
  /** The number of failures before the first success. -Infinity after it, so that the limit is never reached. */
  #failures = 0
  #reason: string | undefined
  /** Describes the latest failure, to be appended to a reason. */
  #lastFailure = ''
  #bug: { readonly error: unknown } | undefined
  #stoppedAt: number | undefined
  readonly #measured = { sent: 0, ok: 0, failed: 0, cancelled: 0 }

  constructor(plan: LoadPlan, deps: LoadDependencies) {
    this.#plan = plan
    this.#deps = deps
    this.#live = new LiveCounter('warmup', deps.now())
    const users = plan.load.kind === 'open' ? 1 : plan.load.users
    this.#maxFailures = Math.max(6, 2 * users)
    if (deps.signal.aborted) this.#stopNow()
    deps.signal.addEventListener('abort', this.#interrupt)
  }

  /** Aborts when the trial stops early, for any reason. */
  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  get stoppedAt(): number | undefined {
    return this.#stoppedAt
  }

  /** Sends one request and writes its record. Returns undefined if an error stopped the trial; see `rethrow`. */
  async send(userRequest: UserRequest): Promise<Generation | undefined> {
    const { phase, kind, sampleIndex, occurrence, turn } = userRequest
    const index = this.#index++
    try {
      const { request, ...prompt } = this.#deps.prepare({
        phase,
        ...(kind !== undefined && { kind }),
        sampleIndex,
        occurrence,
        ...(turn !== undefined && { turn }),
      })
      this.#live.countSent()
      if (phase === 'measured') this.#measured.sent += 1
      const generation = await this.#deps.generate(request, {
        timeoutMs: this.#plan.timeoutMs,
        signal: this.#stop.signal,
      })
      this.#count(phase, generation)
      this.#record(index, userRequest, generation, prompt)
      return generation
    } catch (error) {
      this.#bug ??= { error }
      this.#stopNow()
      return undefined
    }
  }

  /** Throws the first error that `send` caught, if any. Call it when all requests have ended. */
  rethrow(): void {
    if (this.#bug !== undefined) throw this.#bug.error
  }

  /** Starts the measured phase and resets the live figures. */
  beginMeasured(): void {
    this.#live = new LiveCounter('measured', this.#deps.now())
  }

  liveFigures(): LiveFigures {
    return this.#live.read(this.#deps.now())
  }

  counts(planned: number | undefined): TrialEnd['counts'] {
    return { ...(planned !== undefined && { planned }), ...this.#measured }
  }

  result(): Pick<LoadResult, 'outcome' | 'reason'> {
    if (this.#reason !== undefined) return { outcome: 'failed', reason: this.#reason }
    if (this.#stop.signal.aborted) return { outcome: 'interrupted' }
    const { ok, failed } = this.#measured
    return ok === 0 && failed > 0
      ? { outcome: 'failed', reason: `all ${failed} requests failed${this.#lastFailure}` }
      : { outcome: 'ended' }
  }

  dispose(): void {
    this.#deps.signal.removeEventListener('abort', this.#interrupt)
  }

  #count(phase: Phase, generation: Generation): void {
    this.#live.countEnded(generation)
    if (phase === 'measured') this.#measured[countedAs(generation)] += 1
    this.#stopIfNothingSucceeds(generation)
  }

  #record(index: number, step: UserRequest, generation: Generation, prompt: StoredPrompt): void {
    const { evaluate, write, trialStart } = this.#deps
    const { phase, user, sampleIndex, scheduledAt, pauseMs, turn } = step
    const kind = step.kind === undefined ? undefined : this.#plan.mix?.kinds[step.kind]
    const sample = (kind?.samples ?? this.#plan.samples)[sampleIndex] ?? ''
    const evaluation = generation.outcome === 'ok' ? evaluate(step, generation) : noEvaluation
    const context = { index, sample, user, phase, item: kind?.item, turn, scheduledAt, pauseMs }
    write(requestRecord(context, generation, trialStart, prompt, evaluation))
  }

  #stopIfNothingSucceeds({ outcome, httpStatus, error }: Generation): void {
    if (outcome === 'cancelled') return
    this.#failures = outcome === 'ok' ? -Infinity : this.#failures + 1
    const status = outcome === 'http-error' ? ` ${httpStatus ?? ''}`.trimEnd() : ''
    if (outcome !== 'ok')
      this.#lastFailure = `, the last with \`${outcome}\`${status}${error === undefined ? '' : `: ${error}`}`
    if (this.#failures !== this.#maxFailures) return
    this.#reason = `the first ${this.#maxFailures} requests failed${this.#lastFailure}`
    this.#stopNow()
  }

  #stopNow(): void {
    this.#stoppedAt ??= this.#deps.now()
    this.#stop.abort()
  }
}

function countedAs({ outcome }: Generation): 'ok' | 'failed' | 'cancelled' {
  return outcome === 'ok' || outcome === 'cancelled' ? outcome : 'failed'
}

/** Counts the requests of one phase while it runs. */
class LiveCounter {
  readonly #phase: Phase
  readonly #startedAt: number
  /** Latencies of `ok` requests, in microseconds. */
  readonly #latencies = createHistogram()
  #sent = 0
  #ended = 0
  #ok = 0
  #tokens = 0

  constructor(phase: Phase, startedAt: number) {
    this.#phase = phase
    this.#startedAt = startedAt
  }

  countSent(): void {
    this.#sent += 1
  }

  countEnded({ outcome, sentAt, endedAt, outputTokens = 0 }: Generation): void {
    this.#ended += 1
    if (outcome !== 'ok') return
    this.#ok += 1
    this.#tokens += outputTokens
    this.#latencies.record(Math.max(1, Math.round((endedAt - sentAt) * 1000)))
  }

  read(now: number): LiveFigures {
    const elapsedMs = now - this.#startedAt
    const common = { phase: this.#phase, elapsedMs, sent: this.#sent, ended: this.#ended }
    if (this.#ok === 0 || elapsedMs <= 0) return { ...common, ok: this.#ok }
    return {
      ...common,
      ok: this.#ok,
      qps: (this.#ok / elapsedMs) * 1000,
      p95Ms: this.#latencies.percentile(95) / 1000,
      ...(this.#tokens === 0 ? {} : { tokensPerSecond: (this.#tokens / elapsedMs) * 1000 }),
    }
  }
}
