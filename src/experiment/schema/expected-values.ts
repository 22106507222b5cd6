/** The texts of problems about a value: what the schema expects, what the file has, and what to write instead. */
import type { z } from 'zod'
import { nearestWord } from '../../errors/did-you-mean.ts'
import { alternatives, joinAlternatives, quoted } from '../../errors/quote.ts'
import { correctDuration, correctRate, halfWidth } from '../values/amount.ts'

/** What the value must be, as a noun. Schemas name it if the type alone is not enough. */
export function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return alternatives(issue.values)
  if (issue.code !== 'invalid_type') return issue.message
  if (!isDefault(issue.message)) return issue.message
  return kinds[issue.expected] ?? issue.expected
}

/** The forms that one branch of a union accepts. Literal values are listed one by one. */
export function allowedForms(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code === 'invalid_type' && issue.expected === 'boolean') return ['true', 'false']
  return [expectation(issue)]
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list of two numbers',
  object: 'a mapping',
  record: 'a mapping',
}

/** A value in a message. @param written its text in the file, if it is a scalar */
export function describe(value: unknown, written?: string): string {
  if (value === null && written !== undefined && written !== '')
    return `the empty value ${quoted(written)}`
  if (value === null || value === undefined) return 'an empty value'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'string') return quoted(value)
  const infinite = value === Infinity || value === -Infinity ? 'infinite ' : ''
  return `the ${infinite}${typeof value} ${quoted(written ?? value)}`
}

/** `null` and `~` mean an empty value, unless they are quoted. */
function hintForEmpty(written: string | undefined, forms: readonly string[]): string {
  return written !== undefined && written !== '' && forms.includes('text')
    ? `put it in quotes: ${quoted(`"${written}"`)}, or remove the key`
    : 'write a value after the colon, or remove the key'
}

/**
 * What to write instead of a value that is not one of the known ones.
 * @param forms what the schema accepts, as nouns
 */
export function hintForValue(
  input: unknown,
  values: readonly unknown[],
  forms: readonly string[],
  written?: string,
): string {
  if (input === null) return hintForEmpty(written, forms)
  const known = values.filter((value) => typeof value === 'string')
  const text = typeof input === 'string' ? input : ''
  const nearest = otherWord(text, [...known, ...forms]) ?? nearestWord(text, known)
  if (text !== '' && nearest !== undefined) return `did you mean ${quoted(nearest)}?`
  return `write ${forms.length > 0 ? joinAlternatives(forms) : alternatives(known)}`
}

/** Words that people often write by mistake, in lower case, each with the words that may be meant. */
const otherWords: Readonly<Record<string, readonly string[]>> = {
  native: ['process'],
  local: ['process'],
  ollama: ['process'],
  yes: ['true'],
  on: ['true'],
  no: ['false'],
  off: ['false'],
}

/**
 * The accepted form that the text probably means: a synonym, a value that continues it after a `-`, or `{url: …}` for
 * an address.
 */
function otherWord(text: string, accepted: readonly string[]): string | undefined {
  const lowerCase = text.toLowerCase()
  if (accepted.includes('process') && /^https?:\/\//.test(lowerCase)) return `{url: "${text}"}`
  const whole = accepted.filter((each) => each.toLowerCase().startsWith(`${lowerCase}-`))
  const words = Object.hasOwn(otherWords, lowerCase) ? (otherWords[lowerCase] ?? []) : []
  return [...words.filter((word) => accepted.includes(word)), ...whole][0]
}

/** What to write instead of a value of another type. */
export function hintForType(issue: z.core.$ZodIssueInvalidType, written?: string): string {
  const { input, expected } = issue
  if (input === null) return hintForEmpty(written, [expectation(issue)])
  if (typeof input === 'number') {
    const reading = /^a (duration|rate)\b/.exec(issue.message)?.[1]
    if (reading === 'duration') return correctDuration(String(input)) ?? `write ${issue.message}`
    if (reading === 'rate') return correctRate(String(input)) ?? `write ${issue.message}`
  }
  if (!isDefault(issue.message)) return `write ${issue.message}`
  if (typeof input === 'string' && /^(?:number|int)$/.test(expected)) return hintForNumber(input)
  return `write ${yamlForms[expected] ?? expectation(issue)}`
}

/** YAML reads `1_000` and `４０９６` as text, and a number as text only in quotes. */
function hintForNumber(text: string): string {
  const plain = halfWidth(text).replaceAll(/(?<=\d)[,_' ](?=\d{3})/g, '')
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain)) return 'write a number'
  return plain === text ? 'remove the quotes' : `write ${quoted(plain)}`
}

const yamlForms: Readonly<Record<string, string>> = {
  array: 'a list: `[a, b]`, or a line with `- ` for each',
  object: 'a mapping: `{key: value}`, or an indented line for each key',
  record: 'a mapping: `{key: value}`, or an indented line for each key',
}

/** True for a message of zod itself; false if the schema replaced it by a noun that names the expected value. */
function isDefault(message: string): boolean {
  return message.startsWith('Invalid input')
}
