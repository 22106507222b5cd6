/**
 * The stored form of a trial: one JSON object a line, appended as it happens. Times are milliseconds from
 * the trial's start on a monotonic clock; a field without a value is left out, never null and never 0.
 */
import { z } from 'zod'
import { factIds } from './facts.ts'

/** Raised when a reader of the former version would misread what is written now. */
export const formatVersion = 1

const ms = z.number().nonnegative()
const count = z.int().nonnegative()
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const scalar = z.union([z.string(), z.number(), z.boolean()])

/** Which server kind a target is: asked for in the file, and what really ran. */
export const targetKinds = ['process', 'docker', 'url', 'embedded'] as const
export type TargetKind = (typeof targetKinds)[number]

const trialHeader = z.strictObject({
  type: z.literal('trial'),
  formatVersion: z.literal(formatVersion),
  /** Id of the run: `20250808T142103Z-3f9a`, sorts by time. */
  run: z.string(),
  config: z.string(),
  /** From 1. */
  round: z.int().positive(),
  /** Place of this trial in the run's order, from 1. */
  position: z.int().positive(),
  measurementDigest: digest,
  /** ISO 8601 with the UTC offset of the machine that measured. */
  startedAt: z.string(),
  tool: z.strictObject({ name: z.string(), version: z.string(), node: z.string() }),
  /** The machine: its name from exp.local.yaml where it has one, and an id that tells machines apart without naming them. */
  host: z.strictObject({ id: z.string(), name: z.string().optional() }),
  target: z.strictObject({
    asked: z.enum(targetKinds),
    actual: z.enum(targetKinds),
    standIn: z.boolean(),
    /** Why the asked target could not be had; only with `standIn`. */
    why: z.string().optional(),
  }),
  side: z.enum(['a', 'b']).optional(),
  model: z.string(),
  dataset: z.strictObject({ name: z.string(), digest, samples: count }),
  settings: z.strictObject({
    env: z.record(z.string(), z.string()),
    options: z.record(z.string(), z.union([scalar, z.array(z.string()).readonly()])),
  }),
  /** The workload as planned; opaque here, its digest is part of the measurement digest. */
  workload: z.record(z.string(), z.unknown()),
  /** Rounds that the run was asked for. */
  rounds: z.int().positive(),
  seed: count,
})
export type TrialHeader = Readonly<z.infer<typeof trialHeader>>

const evidence = z.strictObject({
  type: z.literal('evidence'),
  atMs: ms,
  /** `/api/version`, `/api/ps`, `/api/tags`, `/api/show`, `server log`, `docker inspect`, `cgroup`, `host`, … */
  source: z.string(),
  when: z.enum(['before', 'during', 'after']),
  facts: z.partialRecord(z.enum(factIds), scalar),
  /** Facts that were looked for and could not be had, each with why. */
  missing: z.partialRecord(z.enum(factIds), z.string()).optional(),
})
export type Evidence = Readonly<z.infer<typeof evidence>>

const window = z.strictObject({ type: z.literal('window'), openMs: ms, closeMs: ms })
export type Window = Readonly<z.infer<typeof window>>

/**
 * How a request ended. `ok` needs a final line with `done: true` and at least one output token; the others
 * are failures, each a kind of its own, `cancelled` being ours.
 */
export const outcomes = [
  'ok',
  'cancelled', // by us: interrupted, or the trial was over
  'timeout', // the workload's own limit
  'refused', // no connection
  'reset', // the connection broke off
  'http-error', // a status that is not 2xx
  'error-line', // `{"error": …}` in a 200 stream
  'incomplete', // the stream ended without `done: true`
  'malformed', // a line that is not JSON or not of the protocol
  'empty', // done, but no output token
] as const

const request = z.strictObject({
  type: z.literal('request'),
  index: count,
  sample: z.string(),
  user: count,
  phase: z.enum(['warmup', 'measured']),
  /** Open loop only: when the schedule said. */
  scheduledMs: ms.optional(),
  sentMs: ms,
  firstByteMs: ms.optional(),
  firstThinkingMs: ms.optional(),
  firstContentMs: ms.optional(),
  longestGapMs: ms.optional(),
  endMs: ms,
  outcome: z.enum(outcomes),
  /** What the server or the system said of a failure; cleaned of control codes, at most 500 characters. */
  error: z.string().optional(),
  httpStatus: count.optional(),
  promptTokens: count.optional(),
  cachedTokens: count.optional(),
  outputTokens: count.optional(),
  serverTotalMs: ms.optional(),
  loadMs: ms.optional(),
  promptEvalMs: ms.optional(),
  evalMs: ms.optional(),
  doneReason: z.string().optional(),
  /** Check name to 0..1; a check that could not be applied to the answer scores 0. */
  scores: z.record(z.string(), z.number()).optional(),
  /** The server named a remote host that answered in its place. */
  remoteHost: z.string().optional(),
  /** Of the prompt without the prefix that `cache: cold` puts before it: alike for a sample wherever it is asked. */
  promptDigest: z.string().optional(),
  answerDigest: z.string().optional(),
  prompt: z.string().optional(),
  answer: z.string().optional(),
})
export type RequestRecord = Readonly<z.infer<typeof request>>

const end = z.strictObject({
  type: z.literal('end'),
  endedAt: z.string(),
  outcome: z.enum(['ended', 'failed', 'skipped']),
  reason: z.string().optional(),
  /** Of the measured phase. `planned` only where the load fixes a number of requests. */
  counts: z.strictObject({
    planned: count.optional(),
    sent: count,
    ok: count,
    failed: count,
    cancelled: count,
  }),
  client: z
    .strictObject({
      /** P99 of the event loop's delay in the measured phase, and of the same loop while idle. */
      loopDelayP99Ms: ms,
      loopDelayIdleP99Ms: ms,
      /** CPU time of this process in the measured phase. */
      cpuMs: ms,
    })
    .optional(),
  /** `until` reached its width: rounds it stopped at. */
  stoppedAtRound: z.int().positive().optional(),
})
export type TrialEnd = Readonly<z.infer<typeof end>>

export const recordSchemas = { trial: trialHeader, evidence, window, request, end } as const
export type TrialRecord = TrialHeader | Evidence | Window | RequestRecord | TrialEnd
