/**
 * Figures to show while a trial runs. Reports do not use them: they compute their figures from the stored records.
 */
import { createHistogram } from 'node:perf_hooks'
import type { Generation } from '../ollama/generation.ts'
import type { Phase } from './request-record.ts'

export interface LiveFigures {
  readonly phase: Phase
  /** Time since the phase began. */
  readonly elapsedMs: number
  readonly sent: number
  readonly ended: number
  readonly ok: number
  /** `ok` requests per second so far; absent before the first one. */
  readonly qps?: number
  readonly p95Ms?: number
  readonly tokensPerSecond?: number
}

export class LiveCounter {
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
      tokensPerSecond: (this.#tokens / elapsedMs) * 1000,
    }
  }
}
