/**
 * Locks: `vX.Y.lock.json` records what a version of a report was made from, for all its locales. A lock contains
 * neither the time nor the program's version, so that the same inputs give the same bytes.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { verdictCodes } from '../analysis/analysis.ts'
import { ExpError } from '../errors/exp-error.ts'
import { limits } from '../errors/limits.ts'
import { forShell } from '../errors/quote.ts'
import { locales } from '../format/locales.generated.ts'
import { metricById } from '../metrics/catalog.ts'
import { isAtLeast } from '../metrics/metric.ts'
import { parseVersion } from './version.ts'
import { nestsTooDeep, parseJson } from '../json/json.ts'
import { lockText } from './lock-layout.ts'

/**
 * Format 4 has the objectives, and the factors of claims. Format 3 has charts. Format 2 stores the words of a workload
 * as `keep` says; format 1 always stores them. A version keeps its format until it is written again, so that a report
 * of an earlier program passes the check.
 */
export const lockFormat = 4
const lockFormats = [1, 2, 3, lockFormat] as const
export type LockFormat = (typeof lockFormats)[number]

/** True if locks of this format store the objectives and the factors of claims. */
export function hasObjectives(format: LockFormat): boolean {
  return format >= 4
}

/** True if versions with locks of this format have charts. */
export function hasCharts(format: LockFormat): boolean {
  return format >= 3
}

const text = z.string().max(limits.lockText.max)
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const version = z.string().refine((text) => parseVersion(text) !== undefined, 'must be like v1.0')
/** Digests by the name of a file in `results/`, which is never a path. */
const results = z
  .record(text, digest)
  .refine(
    (byName) => Object.keys(byName).every((name) => /^(?!\.)[^/\\\0]+$/.test(name)),
    'every name must be that of a file in `results/`',
  )
const interval = z.strictObject({ low: z.number(), high: z.number(), confidence: z.number() })

const config = z.strictObject({
  label: text,
  measurementDigest: digest,
  state: z.enum(['measured', 'incomplete', 'failed', 'pending', 'recorded']),
  /** The run that the results come from. */
  run: text.exactOptional(),
  /** The requested settings, flat: `env.OLLAMA_NUM_PARALLEL` to `4`. Long texts are stored as digests. */
  settings: z.record(text, z.union([text, z.number(), z.boolean()])),
  /** The digest of each stored result, by file name in `results/`. */
  results,
  /**
   * The figures of headline metrics and of metrics that claims name, by metric id, in the metric's unit, to six
   * significant digits. Locks that were frozen by older versions of `exp` also hold figures of other metrics.
   */
  figures: z.record(text, z.number()),
  /**
   * Facts about server, model and machine: the distinct values of each, as text, by the fact's id. Absent without
   * results, and in locks of older programs; their stored results may still contain the facts.
   */
  measuredOn: z.record(text, z.array(text).min(1).readonly()).exactOptional(),
})

const claim = z.strictObject({
  statement: text,
  kind: z.enum(['change', 'ratio', 'same', 'value']),
  metric: text,
  config: text,
  versus: text.exactOptional(),
  /** The factor of a grid that the claim is about, and its two levels. Absent before format 4. */
  factor: z.strictObject({ name: text, from: text, to: text }).exactOptional(),
  /** The threshold of the claim as the file has it: `<= -30%`, `5pp`. Reports call it the target of the hypothesis. */
  target: text,
  /** The comparator and the value of this threshold, by which claims are compared. */
  comparator: z.enum(['<=', '<', '>=', '>']).exactOptional(),
  value: z.number(),
  measured: z.number().exactOptional(),
  verdict: z.enum(verdictCodes),
})

const lockSchema = z.strictObject({
  lockFormat: z.literal(lockFormats),
  experiment: text,
  version,
  state: z.enum(['open', 'closed']),
  /** ISO 8601 with offset, or the date of recorded figures; absent if there are no results. */
  createdAt: text.exactOptional(),
  previous: version.exactOptional(),
  title: text,
  question: text.exactOptional(),
  /** The cause in another experiment's report that this one tests; only for experiments that `exp next` wrote. */
  follows: z.strictObject({ experiment: text, version: text, cause: text }).exactOptional(),
  locale: z.enum(locales),
  /** The answer as sentences in that locale; empty if nothing was measured. */
  answer: z.array(text),
  /** The answer in the experiment's other languages; absent if there are none, and in locks of older programs. */
  answers: z.partialRecord(z.enum(locales), z.array(text)).exactOptional(),
  rounds: z.int().positive(),
  /**
   * The planned number of looks at the results (`looks`); absent for 1. Each further look widens the intervals of
   * verdicts.
   */
  looks: z.int().positive().exactOptional(),
  /** The method that computed the figures, see `figureMethod`; absent in locks of method 1. */
  method: z.int().positive().exactOptional(),
  standIn: z.boolean(),
  /** By key. */
  configs: z.record(text, config),
  /** The objectives of the file (`slo`) as written, by metric. Absent without any, and before format 4. */
  slo: z.record(text, text).exactOptional(),
  /** By hypothesis id. */
  claims: z.record(text, claim),
  /** The figures of this version that the history in later reports shows, in order. */
  headline: z.array(
    z.strictObject({
      label: text,
      metric: text,
      value: z.number().exactOptional(),
      interval: interval.exactOptional(),
    }),
  ),
  /** The noise floor and the A/A run that measured it. Absent if there is no A/A run. */
  floor: z
    .strictObject({
      run: text,
      /** Label of the config that was measured against itself. */
      config: text,
      results,
      /**
       * The raised floors of headline metrics and of metrics that claims name, by id, in the unit in which they change.
       */
      byMetric: z.record(text, z.number()),
    })
    .exactOptional(),
  /**
   * The digests of the files of earlier runs, which show the run-to-run variation. Absent unless configs come from
   * different runs.
   */
  earlierRuns: results.exactOptional(),
  /** The dropped runs that this version would have used, each with the reason why it was dropped. */
  dropped: z.record(text, text),
  /**
   * The keep blocks that nobody has edited yet: by report and block, the digest of the template's body. A block whose
   * body has this digest was not edited.
   */
  unwritten: z.record(text, z.record(text, digest)),
  /**
   * The keep blocks whose text comes from an earlier version, by report and block. `from` is the version that the text
   * was written for, and `body` is the digest of the text in that version.
   */
  carried: z.record(text, z.record(text, z.strictObject({ from: version, body: digest }))),
  /**
   * The charts, by file name in the version's folder: the digest of the chart's data, an id of the program that drew
   * it, and the digest of the file. Absent in formats 1 and 2.
   */
  charts: z
    .record(
      text.regex(/^[a-z]+\.[A-Za-z-]+\.svg$/),
      z.strictObject({ data: digest, drawing: text, bytes: digest }),
    )
    .exactOptional(),
  /** The digest of each rendered file without the bodies of its keep blocks. */
  files: z.record(text, digest),
  /** The digest of each frozen file. Only in frozen versions. */
  frozen: z.record(text, digest).exactOptional(),
})
const sealedLock = lockSchema.extend({ seal: digest })
export type Lock = Readonly<z.infer<typeof lockSchema>>
export type LockedConfig = Readonly<z.infer<typeof config>>
export type LockedClaim = Readonly<z.infer<typeof claim>>

/** True if locks hold the figures of the metric even if no claim names it. */
export function isHeadline(metric: string): boolean {
  const known = metricById(metric)
  return known !== undefined && isAtLeast(known, 'headline')
}

/** The method that computed the version's figures, see `figureMethod`. */
export function methodOf({ method = 1 }: Pick<Lock, 'method'>): number {
  return method
}

/** Rounds to six significant digits, so that the last bits of floating-point arithmetic do not change locks. */
export function significant(value: number): number {
  return Number(value.toPrecision(6))
}

/** The digests of all stored results that the version was made from, by file name. */
export function resultsOf({
  configs,
  floor,
  earlierRuns = {},
}: Pick<Lock, 'configs' | 'floor' | 'earlierRuns'>): ReadonlyMap<string, string> {
  const results = [...Object.values(configs), ...(floor ? [floor] : [])]
  return new Map([...results.map((one) => one.results), earlierRuns].flatMap(Object.entries))
}

export function lockFileOf(versionText: string): string {
  return `${versionText}.lock.json`
}

/** The bytes of a lock, with a seal: a digest that shows changes by hand and incomplete merges. */
export function lockBytes(lock: Lock): Buffer {
  const text = lockText({ ...lock, seal: '' })
  const seal = sealOf(text.replace(sealLine, ''))
  return Buffer.from(text.replace(sealLine, `  "seal": "${seal}",\n`))
}

/**
 * Parses a lock. Throws `ExpError` if the file is not as `exp` wrote it; conflict markers of git have a message of
 * their own. Accepts Windows line ends.
 * @param file the path for messages; its name contains the version
 */
export function parseLock(bytes: Buffer, file: string): Lock {
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n')
  const conflict = /^(?:<{7}|={7}|>{7})(?: |$)/m.exec(text)
  if (conflict) {
    const line = text.slice(0, conflict.index).split('\n').length
    throw new ExpError('edited', `${file}:${line}: conflict markers of a merge`, mergeHint(file))
  }
  const value = parseJson(text, (reason) => {
    throw new ExpError('edited', `${file} is not JSON: ${reason}`, restoreHint(file))
  })
  if (nestsTooDeep(value))
    throw new ExpError('edited', `${file} nests too many levels`, restoreHint(file))
  const parsed = sealedLock.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue ? `\`${issue.path.join('.')}\`: ${issue.message}` : 'unknown form'
    throw new ExpError('edited', `${file} is not a valid lock: ${where}`, restoreHint(file))
  }
  const { seal, ...lock } = parsed.data
  if (sealOf(text.replace(sealLine, '')) !== seal)
    throw new ExpError(
      'edited',
      `${file} was changed by hand or merged incompletely: its seal does not match`,
      restoreHint(file),
    )
  if (!file.endsWith(`/${lockFileOf(lock.version)}`))
    throw new ExpError(
      'edited',
      `${file} contains the lock of \`${lock.version}\``,
      restoreHint(file),
    )
  // Only the folder says whose lock it is: a copy in another folder must not replace the original.
  return { ...lock, experiment: experimentOf(file) }
}

/** The experiment whose folder holds the file: `docker-opt` for `reports/docker-opt/v1.1.lock.json`. */
function experimentOf(file: string): string {
  return file.split('/').at(-2) ?? ''
}

/**
 * The documented way to merge two branches that created the same version.
 * @param file the lock of that version: `reports/docker-opt/v1.1.lock.json`
 */
export function mergeHint(file: string): string {
  const folder = file.slice(0, file.lastIndexOf('/'))
  const id = experimentOf(file)
  const reports = `${forShell(folder)}/README*.md`
  return `take the reports and their lock from the same side: \`git checkout --ours ${reports} ${forShell(file)}\` (or \`--theirs\`), then run \`exp report ${forShell(id)}\``
}

function restoreHint(file: string): string {
  return `restore it: \`git checkout -- ${forShell(file)}\`; in a merge: ${mergeHint(file)}`
}

/** Matches the line of the seal. The seal is the digest of the text without this line. */
const sealLine = /^ {2}"seal": .*\n/m

function sealOf(text: string): string {
  return digestOf(Buffer.from(text))
}

/** The SHA-256 digest of the bytes as `sha256:<hex>`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
