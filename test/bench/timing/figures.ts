/** Figures of how far the times that a client states are from what the server logged. */
import { median } from '../median.ts'
import type { Statement } from './contender.ts'

/** Errors in milliseconds, and CPU time per token in microseconds. What the client does not state is absent. */
export interface Figures {
  readonly meanMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** P99 of the users' first requests. */
  readonly firstRoundP99Ms: number
  /** What the client estimates of `meanMs` and `p99Ms`. */
  readonly estimatedMeanMs: number | undefined
  readonly estimatedP99Ms: number | undefined
  readonly firstTokenP99Ms: number | undefined
  /** What the client estimates of the error of `firstTokenP99Ms`. */
  readonly estimatedFirstTokenP99Ms: number | undefined
  readonly cpuUs: number | undefined
}

/** The median of a figure over the repeats; NaN if it is absent. */
export function medianOf(all: readonly Figures[], name: keyof Figures): number {
  return median(all.map((figures) => figures[name] ?? NaN))
}

/** Matches the client's requests with the lines of the server's log, which have the id first. */
export function figuresOf(
  { requests, cpuMs }: Statement,
  log: readonly string[],
  users: number,
  tokens: number,
): Figures {
  const served = new Map(log.map(servedRequest))
  if (requests.length === 0 || requests.length !== served.size)
    throw new Error(`${requests.length} requests, of which the server saw ${served.size}`)
  const errors = requests.map(({ id, latencyMs }) => {
    const servedMs = served.get(id)
    if (servedMs === undefined) throw new Error(`the server has no request ${id}`)
    return { id, errorMs: latencyMs - servedMs }
  })
  const errorsMs = errors.map(({ errorMs }) => errorMs)
  const firstMs = errors.filter(({ id }) => id < users).map(({ errorMs }) => errorMs)
  const estimates = allOrNone(requests.map(({ estimatedErrorMs }) => estimatedErrorMs))
  const firstTokens = allOrNone(requests.map(({ firstTokenMs }) => firstTokenMs))
  const firstTokenEstimates = allOrNone(requests.map((one) => one.estimatedFirstTokenErrorMs))
  return {
    meanMs: mean(errorsMs),
    p50Ms: quantile(errorsMs, 0.5),
    p99Ms: quantile(errorsMs, 0.99),
    firstRoundP99Ms: quantile(firstMs, 0.99),
    estimatedMeanMs: estimates && mean(estimates),
    estimatedP99Ms: estimates && quantile(estimates, 0.99),
    firstTokenP99Ms: firstTokens && quantile(firstTokens, 0.99),
    estimatedFirstTokenP99Ms: firstTokenEstimates && quantile(firstTokenEstimates, 0.99),
    cpuUs: cpuMs === undefined ? undefined : (cpuMs * 1000) / (requests.length * tokens),
  }
}

/** The id of a request, and the time from when the system had it until its last line left. */
function servedRequest(line: string): [number, number] {
  const [id = 0n, , reached = 0n, ...left] = line.split(' ').map(BigInt)
  return [Number(id), Number((left.at(-1) ?? 0n) - reached) / 1e6]
}

function allOrNone(numbers: readonly (number | undefined)[]): readonly number[] | undefined {
  const known = numbers.filter((number) => number !== undefined)
  return known.length === numbers.length ? known : undefined
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** The smallest number that this share of the numbers does not exceed. */
function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * share) - 1] ?? NaN
}
