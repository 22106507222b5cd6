/**
 * What a version of a report was made from: `vX.Y.lock.json`, one a version, whatever its locales. Nothing in
 * it is of the clock or of the program's version, so the same inputs give the same bytes.
 */
import { z } from 'zod'
import { verdictCodes } from '../analysis/verdict.ts'
import { ExpError } from '../errors/exp-error.ts'
import { locales } from '../format/locale.ts'
import { digestOf } from './digest.ts'
import { parseVersion } from './version.ts'
import { parseJson } from '../json/parse-json.ts'
import { sortKeys } from '../json/canonical-json.ts'

export const lockFormat = 1

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const version = z.string().refine((text) => parseVersion(text) !== undefined, 'must be like v1.0')
const interval = z.strictObject({ low: z.number(), high: z.number(), confidence: z.number() })

const config = z.strictObject({
  label: z.string(),
  measurementDigest: digest,
  state: z.enum(['measured', 'incomplete', 'failed', 'pending', 'recorded']),
  /** The run that its results come from. */
  run: z.string().exactOptional(),
  /** What was asked for, flat: `env.OLLAMA_NUM_PARALLEL` to `4`; long texts as digests. */
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** File name in `results/` to the digest of its bytes. */
  results: z.record(z.string(), digest),
  /** By metric id, in the metric's unit, to six significant digits; only those with a value. */
  figures: z.record(z.string(), z.number()),
})

const claim = z.strictObject({
  statement: z.string(),
  kind: z.enum(['change', 'ratio', 'same', 'value']),
  metric: z.string(),
  config: z.string(),
  versus: z.string().exactOptional(),
  /** As written: `<= -30%`, `5pp`. */
  target: z.string(),
  /** The target's parts, by which claims are told apart. */
  comparator: z.enum(['<=', '<', '>=', '>']).exactOptional(),
  value: z.number(),
  measured: z.number().exactOptional(),
  verdict: z.enum(verdictCodes),
})

const lockSchema = z.strictObject({
  lockFormat: z.literal(lockFormat),
  experiment: z.string(),
  version,
  state: z.enum(['open', 'closed']),
  /** ISO 8601 with offset, or the date of recorded figures; absent where there are no results. */
  createdAt: z.string().exactOptional(),
  /** The version before. */
  previous: version.exactOptional(),
  title: z.string(),
  question: z.string().exactOptional(),
  /** The cause of another experiment's report that this one tests; absent where `exp next` did not write it. */
  follows: z
    .strictObject({ experiment: z.string(), version: z.string(), cause: z.string() })
    .exactOptional(),
  locale: z.enum(locales),
  /** The answer in sentences, in that language; none where nothing was measured. */
  answer: z.array(z.string()),
  rounds: z.int().positive(),
  standIn: z.boolean(),
  /** By key. */
  configs: z.record(z.string(), config),
  /** By hypothesis id. */
  claims: z.record(z.string(), claim),
  /** What this version is remembered by in the history of later ones, in order. */
  headline: z.array(
    z.strictObject({
      label: z.string(),
      metric: z.string(),
      value: z.number().exactOptional(),
      interval: interval.exactOptional(),
    }),
  ),
  /** The noise floor and the A/A run that measured it; absent where none did. */
  floor: z
    .strictObject({
      run: z.string(),
      /** Label of the config that was measured against itself. */
      config: z.string(),
      results: z.record(z.string(), digest),
      /** By metric id, in the unit in which the metric changes. */
      byMetric: z.record(z.string(), z.number()),
    })
    .exactOptional(),
  /** Runs taken out of use that this version would otherwise have used. */
  dropped: z.record(z.string(), z.string()),
  /** By report, then by block: the digest of what the template put there, by which it is told that nobody wrote. */
  unwritten: z.record(z.string(), z.record(z.string(), digest)),
  /** By report, then by block: words of an earlier version, and the digest that tells whether they are still those. */
  carried: z.record(
    z.string(),
    z.record(z.string(), z.strictObject({ from: version, body: digest })),
  ),
  /** Name of each rendered file to the digest of its bytes without the bodies of its keep blocks. */
  files: z.record(z.string(), digest),
  /** Once the version is frozen: name of each frozen file to the digest of all its bytes. */
  frozen: z.record(z.string(), digest).exactOptional(),
})
const sealedLock = lockSchema.extend({ seal: digest })
export type Lock = Readonly<z.infer<typeof lockSchema>>
export type LockedConfig = Readonly<z.infer<typeof config>>
export type LockedClaim = Readonly<z.infer<typeof claim>>

/** Name to digest of every stored result that the version rests on. */
export function resultsOf({
  configs,
  floor,
}: Pick<Lock, 'configs' | 'floor'>): ReadonlyMap<string, string> {
  const results = [...Object.values(configs), ...(floor ? [floor] : [])]
  return new Map(results.flatMap((one) => Object.entries(one.results)))
}

export function lockFileOf(versionText: string): string {
  return `${versionText}.lock.json`
}

/** Keys sorted at every level, with a seal over all the rest: any change by hand or by half a merge shows. */
export function lockBytes(lock: Lock): Buffer {
  const text = jsonText({ ...lock, seal: '' })
  const seal = sealOf(text.replace(sealLine, ''))
  return Buffer.from(text.replace(sealLine, `  "seal": "${seal}",\n`))
}

/**
 * Throws `ExpError` where the file is not as `exp` wrote it, conflict markers of git told apart from other
 * damage. Line ends may be those of Windows.
 * @param file its path as shown to people, ending in its name, which says the version
 */
export function parseLock(bytes: Buffer, file: string): Lock {
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n')
  const conflict = /^(?:<{7}|={7}|>{7})(?: |$)/m.exec(text)
  if (conflict) {
    const line = text.slice(0, conflict.index).split('\n').length
    throw new ExpError('edited', `${file}:${line}: conflict markers of a merge`, mergeHint)
  }
  const parsed = sealedLock.safeParse(
    parseJson(text, (reason) => {
      throw new ExpError('edited', `${file} is not JSON: ${reason}`, restoreHint(file))
    }),
  )
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue ? `\`${issue.path.join('.')}\`: ${issue.message}` : 'unknown form'
    throw new ExpError(
      'edited',
      `${file} is no lock that exp can read: ${where}`,
      restoreHint(file),
    )
  }
  const { seal, ...lock } = parsed.data
  if (sealOf(text.replace(sealLine, '')) !== seal)
    throw new ExpError(
      'edited',
      `${file} was changed by hand or only half merged: its seal is broken`,
      restoreHint(file),
    )
  if (!file.endsWith(`/${lockFileOf(lock.version)}`))
    throw new ExpError('edited', `${file} is the lock of \`${lock.version}\``, restoreHint(file))
  return lock
}

/** The documented way to merge two branches that made the same version. */
export const mergeHint =
  'take README.md, its lock and its charts all from one side, either (`git checkout --ours` or `--theirs`), then `exp report ID`'

function restoreHint(file: string): string {
  return `restore it: \`git checkout -- ${file}\`; in a merge: ${mergeHint}`
}

/** A top-level key between others: without its line, the text is that of the lock without a seal. */
const sealLine = /^ {2}"seal": .*\n/m

function sealOf(text: string): string {
  return digestOf(Buffer.from(text))
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(sortKeys(value), null, 2)}\n`
}
