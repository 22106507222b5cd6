/**
 * The load generator's own timing error in one trial, as a record stores it: how late the times of requests are because
 * this process read bytes late.
 */
import { z } from 'zod'

const ms = z.number().nonnegative().max(1e12)

/** The mean and quantiles of the estimates, one for each ok request of the measured phase. */
const errors = z.strictObject({ meanMs: ms, p50Ms: ms, p90Ms: ms, p95Ms: ms, p99Ms: ms })
export type ErrorStatistics = Readonly<z.infer<typeof errors>>

/**
 * What `exp doctor --calibrate` found on the machine: the true error is `offsetMs` plus `factor` times the estimate.
 * The offset was measured with one request at a time: it is the time that the kernel needs to deliver bytes.
 */
export const timingCalibration = z.strictObject({
  takenAt: z.string().max(100),
  factor: z.number().positive().max(100),
  offsetMs: ms,
})
export type TimingCalibration = Readonly<z.infer<typeof timingCalibration>>

export const timingErrors = z.strictObject({
  requests: z.int().positive(),
  /** How long the last bytes of an answer waited in the buffer of their socket before they were read. */
  latency: errors,
  /** The same for the first token. */
  firstToken: errors,
  /** Why the estimates lack the time for which this process waited for a CPU. */
  runQueueMissing: z.string().max(1000).optional(),
  /** Absent if the machine was not calibrated. The estimates are stored without it. */
  calibration: timingCalibration.optional(),
})
export type TimingErrors = Readonly<z.infer<typeof timingErrors>>
