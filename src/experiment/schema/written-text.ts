/** Schemas of single values in the file. Their issues carry the problem's code and hint in `params`. */
import { z } from 'zod'
import { limits } from '../../errors/limits.ts'
import { type Locale, locales } from '../../format/locales.generated.ts'
import { quoted } from '../../errors/quote.ts'
import type { ProblemCode } from '../problem.ts'
import {
  otherExamples,
  parseRate,
  ratePattern,
  durationPattern,
  parseDuration,
} from '../values/amount.ts'
import { type Reading, isRead } from '../values/reading.ts'

/**
 * Text that `read` accepts.
 * @param expected what a value that is not text must be, as a noun
 * @param maxLength longer text is not read
 */
export function readAs(
  read: (text: string) => Reading<unknown>,
  code: ProblemCode,
  expected?: (written: string) => string,
  maxLength: number = limits.line.max,
) {
  const written = z.string(
    expected === undefined ? {} : { error: ({ input }) => expected(String(input)) },
  )
  // A JSON schema cannot express an infinite length, and editors refuse one that tries.
  const limited = maxLength === Infinity ? written : written.max(maxLength, { abort: true })
  return limited.superRefine((text, context) => {
    const reading = read(text)
    if (!isRead(reading))
      context.addIssue({
        code: 'custom',
        message: reading.message,
        params: { code, hint: reading.hint },
      })
  })
}

/**
 * Text that matches the pattern.
 * @param wrong completes the message after the value: `is not a date`
 * @param hint may depend on the text
 */
export function matching(
  pattern: RegExp,
  code: ProblemCode,
  wrong: string,
  hint: string | ((text: string) => string),
) {
  const hintFor = (text: string) => (typeof hint === 'string' ? hint : hint(text))
  const read = (text: string): Reading<string> =>
    pattern.test(text)
      ? { value: text }
      : { message: `${quoted(text)} ${wrong}`, hint: hintFor(text) }
  return readAs(read, code).meta({ pattern: pattern.source })
}

/** Text on one line of a report. */
export const text = z.string().max(limits.line.max)
/** Text that may have as many lines as fit into the file. */
export const longText = z.string()

/** Text that is not blank. */
export function readFilled(written: string): Reading<string> {
  return /\S/.test(written)
    ? { value: written }
    : { message: 'this text is empty', hint: 'write a value, or remove the key' }
}

export const filledText = readAs(readFilled, 'wrong-value').meta({ pattern: '\\S' })
export const filledLongText = readAs(readFilled, 'wrong-value', undefined, Infinity).meta({
  pattern: '\\S',
})

/** A value that the file gives once, for every language, or by locale: `{en: …, zh-CN: …}`. */
export function byLocale<Schema extends z.ZodType>(value: Schema) {
  const shape = Object.fromEntries(
    locales.map((locale) => [
      locale,
      value.optional().meta({ description: `What is shown in the language \`${locale}\`.` }),
    ]),
  ) as Record<Locale, z.ZodOptional<Schema>>
  const expectedForm = ({ code }: z.core.$ZodRawIssue) =>
    code === 'invalid_type' ? 'a mapping by language' : undefined
  const map = z.strictObject(shape, { error: expectedForm }).superRefine((written, context) => {
    if (Object.keys(written).length > 0) return
    context.addIssue({
      code: 'custom',
      message: 'this text has no language',
      params: { code: 'wrong-value', hint: `write it by language: \`{${locales[0]}: …}\`` },
    })
  })
  return z.union([value, map])
}

/** The schema of a list or mapping, limited to `limits.entries`. */
export function withFewEntries<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.superRefine((value, context) => {
    const { max } = limits.entries
    if (typeof value !== 'object' || value === null || Object.keys(value).length <= max) return
    context.addIssue({
      code: 'too_big',
      origin: 'array',
      maximum: max,
      inclusive: true,
      input: value,
    })
  })
}

export const duration = readAs(
  parseDuration,
  'duration',
  (written) => `a duration with its unit, such as ${otherExamples(written, ['30s', '5m'])}`,
).meta({ pattern: durationPattern, examples: ['30s', '5m'] })

/** A duration above 0. */
export const positiveDuration = duration.superRefine((written, context) => {
  const reading = parseDuration(written)
  if (isRead(reading) && reading.value === 0)
    context.addIssue({
      code: 'custom',
      message: `${quoted(written)} is zero`,
      params: { code: 'duration', hint: 'write a duration above 0, such as `30s`' },
    })
})

export const rate = readAs(
  parseRate,
  'rate',
  (written) => `a rate, such as ${otherExamples(written, ['6/s', '90/min'])}`,
).meta({
  pattern: ratePattern,
  examples: ['6/s'],
})

const datePattern = String.raw`^\d{4}-\d{2}-\d{2}$`

/** Refuses a day that no calendar has, such as `2025-02-30`. */
function readDate(text: string): Reading<string> {
  const hint = 'write year, month and day: `2025-08-06`'
  if (!new RegExp(datePattern).test(text)) return { message: `${quoted(text)} is not a date`, hint }
  const time = Date.parse(`${text}T00:00:00Z`)
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return { value: text }
  return { message: `no calendar has the day ${quoted(text)}`, hint }
}

export const date = readAs(readDate, 'wrong-value').meta({ pattern: datePattern })

/** The key of a config becomes a file name and, in the terminal, an argument. */
export const configKey = matching(
  /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
  'config-key',
  'is not a valid key of a config',
  'use a-z, 0-9 and single `-` between them: the key becomes a file name',
).max(64)

/**
 * Text that becomes one argument of a command line, where a leading `-` would make it a flag. Any other text that
 * cannot be an argument has the same problem code.
 */
export const argument = text.superRefine((value, context) => {
  const wrong = value.startsWith('-')
    ? 'starts with `-`'
    : value === '' || /[\s\p{Cc}]/u.test(value)
      ? 'is empty, or contains spaces or control characters'
      : undefined
  if (wrong !== undefined)
    context.addIssue({
      code: 'custom',
      message: `${quoted(value)} ${wrong}`,
      params: { code: 'leading-dash', hint: 'write a name that can be one command-line argument' },
    })
})

export const folder = text.superRefine((value, context) => {
  if (value === '' || value.startsWith('-') || /\p{Cc}/u.test(value))
    context.addIssue({
      code: 'custom',
      message: `${quoted(value)} is not a valid folder`,
      params: {
        code: 'leading-dash',
        hint: 'write its path; start it with `./` if its name starts with `-`',
      },
    })
})

export const envName = matching(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'env-name',
  'is not a valid name of an environment variable',
  'use letters, digits and `_`, and no digit at the start',
)

/** Numbers and booleans mean the same as their text. */
export const scalar = z.union([longText, z.number(), z.boolean()])
/** A scalar that fits on one line of a report. */
export const lineScalar = z.union([text, z.number(), z.boolean()])

export const envValue = lineScalar.superRefine((value, context) => {
  if (typeof value === 'string' && /\p{Cc}/u.test(value))
    context.addIssue({
      code: 'custom',
      message: 'the value contains a line break or another control character',
      params: { code: 'env-value', hint: 'write the value on one line' },
    })
})

/** A sentence for the description of a text that `byLocale` accepts. */
export const perLanguage = 'May be given by language: `{en: …, zh-CN: …}`.'
