/**
 * Calibrates the load generator's estimate of its own timing error on this machine. Runs small loads against a server
 * in another process. The last line of each answer holds the time at which the server wrote it, which shows how late
 * the line was read. That true delay is compared to the estimate. Takes half a minute.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ExpError } from '../errors/exp-error.ts'
import type { RunQueueReader } from '../host/processes/run-queue.ts'
import { OllamaClient } from '../ollama/client.ts'
import type { TimingCalibration } from '../results/timing-errors.ts'
import { quantileOf, sorted } from '../stats/quantile.ts'
import { sendUnrecorded } from './unrecorded-load.ts'

/** The loads, by their numbers of users. The first has one user, so that no burst occurs. */
const fullCalibration = { users: [1, 8, 32, 64], loadMs: 5_000 }
/** The factor is limited to this range: outside it, something else disturbed the machine. */
const minFactor = 0.25
const maxFactor = 4

/** How late the last lines of one load's answers were read, in ms: as estimated, and as the server's clock shows. */
export interface CalibrationLoad {
  readonly users: number
  readonly estimatedMs: readonly number[]
  readonly trueMs: readonly number[]
}

/** Throws `ExpError('environment')` if the server cannot be started, or does not answer. */
export async function measureCalibration(
  runQueue: RunQueueReader['runQueue'],
  signal: AbortSignal,
  { users: loads, loadMs } = fullCalibration,
): Promise<readonly CalibrationLoad[]> {
  const isSource = import.meta.url.endsWith('.ts')
  const script = isSource ? './calibration-server.ts' : './calibration-server.js'
  const server = spawn(
    process.execPath,
    [...(isSource ? ['--import', 'tsx'] : []), fileURLToPath(new URL(script, import.meta.url))],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  )
  try {
    const lines = createInterface(server.stdout)
    const exit = once(server, 'exit').then(() => [undefined])
    const [port] = (await Promise.race([once(lines, 'line', { signal }), exit])) as [unknown]
    if (typeof port !== 'string')
      throw new ExpError('environment', 'the server for the calibration did not start')
    const measured: CalibrationLoad[] = []
    for (const users of loads)
      measured.push(
        await measureLoad(`http://127.0.0.1:${port}`, { users, loadMs }, runQueue, signal),
      )
    return measured
  } finally {
    server.kill()
  }
}

async function measureLoad(
  baseUrl: string,
  { users, loadMs }: { users: number; loadMs: number },
  runQueue: RunQueueReader['runQueue'],
  signal: AbortSignal,
): Promise<CalibrationLoad> {
  const client = new OllamaClient({ baseUrl, runQueue })
  const [estimatedMs, trueMs]: [number[], number[]] = [[], []]
  // Both functions read the system's monotonic clock, but count from different origins.
  const clockStartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()
  const load = { kind: 'closed-duration', users, durationMs: loadMs, atLeast: 0 } as const
  await sendUnrecorded(
    client,
    // The first requests run cold code with new buffers.
    { load: { ...load, atMostMs: loadMs }, warmupRequests: 2 * users },
    async (prepared, options) => {
      const generation = await client.generate(prepared, options)
      const { outcome, readDelays, totalMs, endedAt } = generation
      if (outcome === 'ok' && readDelays !== undefined && totalMs !== undefined) {
        estimatedMs.push(readDelays.last)
        trueMs.push(clockStartMs + endedAt - totalMs)
      }
      return generation
    },
    signal,
  )
  signal.throwIfAborted()
  if (estimatedMs.length === 0)
    throw new ExpError('environment', 'the server for the calibration did not answer')
  return { users, estimatedMs, trueMs }
}

/**
 * Fits `true delay = offset + factor × estimate` to the mean and the P99 of each load. The offset is what the estimate
 * misses in the mean of the first load, which sends one request at a time. The factor is a least-squares fit.
 * @param measured at least one load; the first decides the offset
 */
export function fitCalibration(
  measured: readonly CalibrationLoad[],
): Pick<TimingCalibration, 'factor' | 'offsetMs'> {
  const points = measured.map(({ estimatedMs, trueMs }) => {
    const [estimates, truths] = [estimatedMs, trueMs].map((each) => sorted(Float64Array.from(each)))
    const statistics = [meanOf, (values: Float64Array) => quantileOf(values, 0.99)]
    return statistics.map((of) => [estimates, truths].map((values) => (values ? of(values) : NaN)))
  })
  const [[mean = []] = []] = points
  const [estimate = 0, truth = 0] = mean
  const offsetMs = Math.max(0, truth - estimate)
  let [products, squares] = [0, 0]
  for (const [estimated = 0, measuredMs = 0] of points.flat()) {
    products += estimated * Math.max(0, measuredMs - offsetMs)
    squares += estimated ** 2
  }
  const factor = squares === 0 ? 1 : products / squares
  return {
    factor: round(Math.min(maxFactor, Math.max(minFactor, factor))),
    offsetMs: round(offsetMs),
  }
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
