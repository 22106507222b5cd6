/**
 * The schemas of the records in a trial's file: one JSON object per line, appended while the trial runs.
 * Times are milliseconds since the trial's start on a monotonic clock. A field without a value is omitted;
 * it is never null, and 0 always means zero.
 */
import { z } from 'zod'
import { limits } from '../errors/limits.ts'
import { targetKinds } from '../experiment/target-kinds.ts'
import { isLogHistogram } from '../stats/log-histogram.ts'
import { factIds } from './facts.ts'
import { timingErrors } from './timing-errors.ts'

/**
 * Incremented when records get a field that a reader of the previous version does not know. Earlier versions stay
 * readable: 2 added `fileRounds`, `look` and `plannedLooks` to the header, 3 added `sequence`; in 4 the workload and
 * the dataset have only what `keep` allows; 5 added `tokenGaps`; 6 added `start` to the header; 7 added `pruned` to the
 * header, and the record `figures`; 8 added `client.timing` to the end, `pauseMs` and `item` to requests, `model` to
 * evidence, and `racePhase` and `search` to the header; 9 added `serverHost` to the header, `conversation` and `turn`
 * to requests, and the facts `powerMode`, `memoryPressure`, `engineCpus`, `engineMemoryBytes` and `roundTripMs`; 10
 * added the facts `modelContentDigest` and `modelParameters`.
 */
export const formatVersion = 10
export const readableVersions = [1, 2, 3, 4, 5, 6, 7, 8, 9, formatVersion] as const

/** 30 years: longer than any run, and small enough that sums of times stay exact numbers. */
export const maxMs = 1e12
/** Far above any score, which lies between 0 and 1. Like `maxMs`, it only keeps sums small enough for a number. */
export const maxScore = 1e12
const ms = z.number().nonnegative().max(maxMs)
const count = z.int().nonnegative()
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
/** Text that reports may show. */
const line = z.string().max(limits.storedShortText.max)
/** A prompt, an answer, or a value as long as one. */
const longText = z.string().max(limits.storedLongText.max)
const scalar = z.union([longText, z.number(), z.boolean()])

/** A mapping from names to values with no more entries than `limits.storedEntries`. */
function entries<Value extends z.ZodType>(value: Value) {
  const { max } = limits.storedEntries
  return z
    .record(line, value)
    .refine((byName) => Object.keys(byName).length <= max, `has more than ${max} entries`)
}

const trialHeader = z.strictObject({
  type: z.literal('trial'),
  formatVersion: z.literal(readableVersions),
  /** Id of the run: `20250808T142103Z-3f9a`, sorts by time. */
  run: line.refine((id) => id !== '__proto__', 'is not the id of a run'),
  config: line,
  /** From 1. */
  round: z.int().positive(),
  /** Position of this trial in the run's order, from 1. */
  position: z.int().positive(),
  measurementDigest: digest,
  /** ISO 8601 with the UTC offset of the machine that measured. */
  startedAt: line,
  tool: z.strictObject({ name: line, version: line, node: line }),
  /** The machine that measured: an anonymous id, and its name from exp.local.yaml if it has one. */
  host: z.strictObject({ id: line, name: line.optional() }),
  /**
   * The machine of the server, if it is another: an anonymous id, the name by which the file refers to it, and how
   * requests reach it. Facts about the machine then describe the server's machine.
   */
  serverHost: z.strictObject({ id: line, name: line, via: z.enum(['ssh', 'tcp']) }).optional(),
  target: z.strictObject({
    /** The kind that the experiment file requests. */
    asked: z.enum(targetKinds),
    /** The kind that was measured. */
    actual: z.enum(targetKinds),
    standIn: z.boolean(),
    /** Why the requested target was not available; only with `standIn`. */
    why: line.optional(),
  }),
  side: z.enum(['a', 'b']).optional(),
  /** The position of the first trial that the server served since its start, if one start serves several trials. */
  start: z.int().positive().optional(),
  /** If settings race: whether the trial belongs to the race, or to the confirmation of its winner. */
  racePhase: z.enum(['race', 'confirmation']).optional(),
  /** True for a trial of a capacity search. No figure uses it. */
  search: z.literal(true).optional(),
  /** The digest that the file had before `exp prune` replaced its requests by figures. Absent if it was not pruned. */
  pruned: digest.optional(),
  model: line,
  /** The digest is absent if `keep` does not allow it. */
  dataset: z.strictObject({ name: line, digest: digest.optional(), samples: count }),
  settings: z.strictObject({
    env: entries(line),
    options: entries(z.union([scalar, z.array(longText).readonly()])),
  }),
  /** The workload as planned, see `keptWorkload`. Not parsed here; its digest is part of the measurement digest. */
  workload: z.record(z.string(), z.unknown()),
  /** Number of rounds that the run planned. */
  rounds: z.int().positive(),
  /** The number of rounds in the experiment file, if `--rounds` set a different number. */
  fileRounds: z.int().positive().optional(),
  /**
   * 1 for the first rounds of a run; one more each time rounds are added after somebody could see results. Absent: 1.
   */
  look: z.int().positive().optional(),
  /** The number of looks that the experiment file planned when the trial was measured. Absent: 1. */
  plannedLooks: z.int().positive().optional(),
  /** The position of the run among all runs of the experiment, see `runs.ts`. Absent in earlier formats: 0. */
  sequence: z.int().positive().optional(),
  seed: count,
})
export type TrialHeader = Readonly<z.infer<typeof trialHeader>>

const evidence = z.strictObject({
  type: z.literal('evidence'),
  atMs: ms,
  /** `/api/version`, `/api/ps`, `/api/tags`, `/api/show`, `server log`, `docker inspect`, `cgroup`, `host`, … */
  source: line,
  when: z.enum(['before', 'during', 'after']),
  /** The model of a mix that the facts are about, if it is not the model of the header. */
  model: line.optional(),
  facts: z.partialRecord(z.enum(factIds), z.union([line, z.number(), z.boolean()])),
  /** Facts that could not be read, each with the reason. */
  missing: z.partialRecord(z.enum(factIds), line).optional(),
})
export type Evidence = Readonly<z.infer<typeof evidence>>

const window = z.strictObject({ type: z.literal('window'), openMs: ms, closeMs: ms })
export type Window = Readonly<z.infer<typeof window>>

/**
 * How a request ended. `ok` requires a final line with `done: true` and at least one output token; for embeddings, a
 * vector for each input.
 */
export const outcomes = [
  'ok',
  'cancelled', // by us, because the run was interrupted or the trial was stopped
  'timeout', // took longer than the workload's timeout
  'refused', // no connection could be opened
  'reset', // the connection was lost
  'http-error', // a status that is not 2xx
  'error-line', // `{"error": …}` in a 200 stream
  'incomplete', // the stream ended without `done: true`
  'malformed', // a line that is not JSON or not of the protocol
  'empty', // completed without an output token
] as const

const request = z.strictObject({
  type: z.literal('request'),
  index: count,
  sample: line,
  user: count,
  phase: z.enum(['warmup', 'measured']),
  /** If the workload is a mix: the name of the item that the request belongs to. */
  item: line.optional(),
  /** The number of its conversation, from 0. Conversations are numbered in the order of their first requests. */
  conversation: count.optional(),
  /** The position of the turn in its conversation, from 1. */
  turn: z.int().positive().optional(),
  /** When the schedule planned to send the request. Open loop only. */
  scheduledMs: ms.optional(),
  /** The planned time between the end of the user's previous request and this one. Closed loop with pauses only. */
  pauseMs: ms.optional(),
  sentMs: ms,
  firstByteMs: ms.optional(),
  firstThinkingMs: ms.optional(),
  firstContentMs: ms.optional(),
  longestGapMs: ms.optional(),
  /** A histogram of the times between two arrivals that carried tokens, see `stats/log-histogram.ts`. */
  tokenGaps: z.array(count).readonly().refine(isLogHistogram, 'is not a histogram').optional(),
  endMs: ms,
  outcome: z.enum(outcomes),
  /** The error message of the server or the system, without control codes, at most 500 characters. */
  error: line.optional(),
  httpStatus: count.optional(),
  promptTokens: count.optional(),
  cachedTokens: count.optional(),
  outputTokens: count.optional(),
  serverTotalMs: ms.optional(),
  loadMs: ms.optional(),
  promptEvalMs: ms.optional(),
  evalMs: ms.optional(),
  doneReason: line.optional(),
  /** Check name to score, 0..1. A check that could not be applied to the answer scores 0. */
  scores: entries(z.number().min(-maxScore).max(maxScore)).optional(),
  /** The remote host that answered instead of the server, as the server reports it. */
  remoteHost: line.optional(),
  /** Digest of the prompt without the `cache: cold` prefix, so that a sample always has the same digest. */
  promptDigest: line.optional(),
  answerDigest: line.optional(),
  prompt: longText.optional(),
  answer: longText.optional(),
})
export type RequestRecord = Readonly<z.infer<typeof request>>

const end = z.strictObject({
  type: z.literal('end'),
  endedAt: line,
  outcome: z.enum(['ended', 'failed', 'skipped']),
  reason: line.optional(),
  /** Requests of the measured phase. `planned` is present only if the load sets a number of requests. */
  counts: z.strictObject({
    planned: count.optional(),
    sent: count,
    ok: count,
    failed: count,
    cancelled: count,
  }),
  client: z
    .strictObject({
      /** P99 of the event loop's delay in the measured phase. */
      loopDelayP99Ms: ms,
      /** P99 of the same event loop's delay while it is idle. */
      loopDelayIdleP99Ms: ms,
      /** CPU time that this process used in the measured phase. */
      cpuMs: ms,
      /** How late this process read answers. Absent in earlier formats, and without an ok request. */
      timing: timingErrors.optional(),
    })
    .optional(),
  /**
   * The round at which the run stopped because `until` was fulfilled, or because a race with its confirmation ended.
   */
  stoppedAtRound: z.int().positive().optional(),
})
export type TrialEnd = Readonly<z.infer<typeof end>>

/** The figures of a pruned trial, in place of its requests; in the metric's unit. */
const figures = z.strictObject({
  type: z.literal('figures'),
  /**
   * By metric id; `n` is the number of requests, readings or, for scores, samples. Figures that the trial lacks are
   * absent.
   */
  figures: entries(z.strictObject({ value: z.number(), n: count })),
})
export type StoredFigures = Readonly<z.infer<typeof figures>>

export const recordSchemas = {
  trial: trialHeader,
  evidence,
  window,
  request,
  figures,
  end,
} as const
export type TrialRecord = TrialHeader | Evidence | Window | RequestRecord | StoredFigures | TrialEnd
