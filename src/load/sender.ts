/** Sends the requests of a trial one by one, records each, counts them, and knows when to give up. */
import type { Generation } from '../ollama/generation.ts'
import type { TrialEnd } from '../results/record.ts'
import { LiveCounter } from './live-stats.ts'
import type { LiveFigures } from './live-stats.ts'
import type { LoadDependencies, LoadPlan, LoadResult } from './load.ts'
import { requestRecord } from './request-record.ts'
import type { AnswerEvaluation, Phase, StoredPrompt } from './request-record.ts'
import type { Step } from './sample-walk.ts'

export interface PlannedRequest extends Step {
  readonly phase: Phase
  readonly user: number
  readonly scheduledAt?: number | undefined
}

const noJudgement: AnswerEvaluation = {}

export class Sender {
  readonly #plan: LoadPlan
  readonly #deps: LoadDependencies
  readonly #stop = new AbortController()
  readonly #interrupt = () => this.#stopNow()
  /** So many failures without one success, warm-up included, and the trial is given up. */
  readonly #patience: number
  #live: LiveCounter
  #index = 0
  /** Since the start; -Infinity after the first success. */
  #failures = 0
  #reason: string | undefined
  /** How the last request that failed did. */
  #lastFailure = ''
  #bug: { readonly error: unknown } | undefined
  #stoppedAt: number | undefined
  readonly #measured = { sent: 0, ok: 0, failed: 0, cancelled: 0 }

  constructor(plan: LoadPlan, deps: LoadDependencies) {
    this.#plan = plan
    this.#deps = deps
    this.#live = new LiveCounter('warmup', deps.now())
    const users = plan.load.kind === 'open' ? 1 : plan.load.users
    this.#patience = Math.max(6, 2 * users)
    if (deps.signal.aborted) this.#stopNow()
    deps.signal.addEventListener('abort', this.#interrupt)
  }

  /** Aborts when the trial is broken off, for whatever reason. */
  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  get stoppedAt(): number | undefined {
    return this.#stoppedAt
  }

  /** Sends one request and writes its record. `undefined`: a bug broke the trial off, see `rethrow`. */
  async send(turn: PlannedRequest): Promise<Generation | undefined> {
    const { phase, sampleIndex, occurrence } = turn
    const index = this.#index++
    try {
      const { request, ...trace } = this.#deps.prepare({ sampleIndex, occurrence, phase })
      this.#live.countSent()
      if (phase === 'measured') this.#measured.sent += 1
      const generation = await this.#deps.generate(request, {
        timeoutMs: this.#plan.timeoutMs,
        signal: this.#stop.signal,
      })
      this.#count(phase, generation)
      this.#record(index, turn, generation, trace)
      return generation
    } catch (error) {
      this.#bug ??= { error }
      this.#stopNow()
      return undefined
    }
  }

  /** Throws what `send` caught, once all requests are over. */
  rethrow(): void {
    if (this.#bug !== undefined) throw this.#bug.error
  }

  /** Warm-up is over: what the eye sees starts anew. */
  beginMeasured(): void {
    this.#live = new LiveCounter('measured', this.#deps.now())
  }

  live(): LiveFigures {
    return this.#live.read(this.#deps.now())
  }

  counts(planned: number | undefined): TrialEnd['counts'] {
    return { ...(planned !== undefined && { planned }), ...this.#measured }
  }

  ending(): Pick<LoadResult, 'outcome' | 'reason'> {
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
    if (phase === 'measured') this.#measured[countOf(generation)] += 1
    this.#considerGivingUp(generation)
  }

  #record(index: number, turn: PlannedRequest, generation: Generation, trace: StoredPrompt): void {
    const { phase, user, sampleIndex, scheduledAt } = turn
    const { evaluate: judge, write, zero } = this.#deps
    const sample = this.#plan.samples[sampleIndex] ?? ''
    const judgement = generation.outcome === 'ok' ? judge(sampleIndex, generation) : noJudgement
    const place = { index, sample, user, phase, scheduledAt }
    write(requestRecord(place, generation, zero, trace, judgement))
  }

  #considerGivingUp({ outcome, error }: Generation): void {
    if (outcome === 'cancelled') return
    this.#failures = outcome === 'ok' ? -Infinity : this.#failures + 1
    if (outcome !== 'ok')
      this.#lastFailure = `, the last with \`${outcome}\`${error === undefined ? '' : `: ${error}`}`
    if (this.#failures !== this.#patience) return
    this.#reason = `the first ${this.#patience} requests failed${this.#lastFailure}`
    this.#stopNow()
  }

  #stopNow(): void {
    this.#stoppedAt ??= this.#deps.now()
    this.#stop.abort()
  }
}

function countOf({ outcome }: Generation): 'ok' | 'failed' | 'cancelled' {
  return outcome === 'ok' || outcome === 'cancelled' ? outcome : 'failed'
}
