/** How long a run will take, from one probe of each config. Pure. */
import type { MeasuredConfig } from '../experiment/experiment.ts'

export interface Probe {
  /** From the command to start the server to its readiness, and for taking it down again. */
  readonly startMs: number
  readonly stopMs: number
  /** The first request, model load included. */
  readonly firstMs: number
  /** A request to the loaded model, alone on the server. */
  readonly requestMs: number
}

/**
 * Milliseconds that one trial of the config will take, by its probe. Requests of several users are taken to
 * share one compute: `users` of them at once take `users` times as long, which is right where the machine is
 * saturated and too long where it is not.
 */
export function estimateTrial(config: MeasuredConfig, probe: Probe): number {
  const { load, warmupRequests } = config.workload
  const users = load.kind === 'open' ? 1 : load.users
  const crowded = probe.requestMs * users
  const fixed = config.settleMs + probe.startMs + probe.stopMs + probe.firstMs
  const warmup = (Math.max(0, warmupRequests - 1) / users) * crowded
  switch (load.kind) {
    case 'closed-duration': {
      const untilEnough = (load.atLeast / users) * crowded
      const window = Math.min(
        Math.max(load.durationMs, untilEnough),
        Math.max(load.atMostMs, load.durationMs),
      )
      return fixed + warmup + window + crowded
    }
    case 'closed-requests':
      return fixed + warmup + (load.requests / users) * crowded
    case 'open':
      return fixed + warmup + load.durationMs + crowded
  }
}
