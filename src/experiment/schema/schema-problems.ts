/** Turns zod's issues into problems with plain messages and positions in the file. */
import { z } from 'zod'
import { didYouMean, nearestWord } from '../../errors/did-you-mean.ts'
import { alternatives, joinAlternatives, quoted } from '../../errors/quote.ts'
import type { ProblemDetails, Problem, ProblemCode } from '../problem.ts'
import { problemCodes } from '../problem.ts'
import type { Path, Source } from '../source/source.ts'

/**
 * The problems of a value; an empty list if it matches the schema.
 * @param base the value's path in the source
 */
export function schemaProblems(
  source: Source,
  base: Path,
  schema: z.ZodType,
  value: unknown,
): readonly Problem[] {
  const result = schema.safeParse(value, { error: messageWithKnownKeys, reportInput: true })
  if (result.success) return []
  return result.error.issues.flatMap((issue) => explain(source, base, issue))
}

/**
 * The message of an issue about an unknown key: the known keys, which `knownKeysIn` reads again. An issue does not
 * refer to its schema, so that its message has to carry them. `undefined` keeps zod's own message.
 */
function messageWithKnownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject
    ? Object.keys(issue.inst.shape).join(' ')
    : undefined
}

function knownKeysIn(message: string): readonly string[] {
  return message.split(' ')
}

function explain(source: Source, base: Path, issue: z.core.$ZodIssue): readonly Problem[] {
  const path = [...base, ...issue.path.filter((step) => typeof step !== 'symbol')]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(source, path, key, knownKeysIn(issue.message)))
  if (issue.code === 'invalid_union') return explainUnion(source, path, issue)
  if (issue.code === 'invalid_key')
    return issue.issues.map((inner) => source.problem(path, detailsOf(inner, path), 'key'))
  if (!source.has(path)) return [source.problem(path, missingKey(path))]
  return [source.problem(path, detailsOf(issue, path, source.written(path)))]
}

/** Examples for missing keys. */
const examples: Readonly<Record<string, string>> = {
  title: 'title: What this is about',
  model: 'model: "qwen3:0.6b"',
  dataset: 'dataset: datasets/NAME.yaml',
  configs: 'configs: {native: {target: process}}',
  workload: 'workload: {prompt: "{{text}}", load: …}',
  prompt: 'prompt: "{{text}}"',
  load: 'load: {users: 3, duration: 30s}',
  users: 'users: 3',
  image: 'image: "ollama/ollama:0.11.3"',
  claim: 'claim: {metric: qps, config: KEY, change: ">= 10%"}',
  date: 'date: 2025-08-06',
  measure: 'measure: exact',
  samples: 'samples: [{text: …}]',
}

export function missingKey(path: Path): ProblemDetails {
  const key = String(path.at(-1))
  const parent = path.slice(0, -1)
  if (path.join('.') === 'workload.load.duration')
    return {
      code: 'endless-load',
      message: 'this load never ends',
      hint: 'add `duration: 30s`, or `requests: 100`',
    }
  return {
    code: 'missing-key',
    message: `${quoted(key)} is missing${parent.length === 0 ? '' : ` in ${nameOf(parent)}`}`,
    hint: `add ${quoted(examples[key] ?? `${key}: …`)}`,
  }
}

function unknownKey(source: Source, path: Path, key: string, known: readonly string[]): Problem {
  const details: ProblemDetails = {
    code: 'unknown-key',
    message: `${quoted(key)} is not a key ${path.length === 0 ? 'here' : `of ${nameOf(path)}`}`,
    hint: didYouMean(key, known, `keys here: ${known.join(', ')}`),
  }
  return source.problem([...path, key], details, 'key')
}

/** The last key of the path. The problem's position shows the rest. */
function nameOf(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  if (typeof last === 'string') return quoted(last)
  return `entry ${last + 1} of ${nameOf(path.slice(0, -1))}`
}

/** Explains a value that matches none of its several forms, by the form that it resembles most. */
function explainUnion(
  source: Source,
  path: Path,
  issue: z.core.$ZodIssueInvalidUnion,
): readonly Problem[] {
  if (!source.has(path)) return [source.problem(path, missingKey(path))]
  const branches = issue.errors.filter((issues) => !issues.some(isOfOtherType))
  if (branches.length === 0) {
    const forms = [...new Set(issue.errors.flat().flatMap(allowedForms))]
    const details: ProblemDetails = {
      code: issue.errors.flat().some(({ code }) => code === 'invalid_value')
        ? 'wrong-value'
        : 'wrong-type',
      message: `expected ${joinAlternatives(forms)}, found ${describe(issue.input, source.written(path))}`,
      hint: hintForValue(
        issue.input,
        issue.errors.flat().flatMap(valuesOf),
        forms,
        source.written(path),
      ),
    }
    return [source.problem(path, details)]
  }
  const unknown = unknownEverywhere(branches)
  if (unknown.keys.length > 0)
    return unknown.keys.map((key) => unknownKey(source, path, key, unknown.known))
  const [best = []] = branches.toSorted((a, b) => distanceOf(a) - distanceOf(b))
  return best.flatMap((inner) => explain(source, path, inner))
}

/** The written keys that no form has, and the keys of all forms: a misspelled key does not show which form was meant. */
function unknownEverywhere(branches: readonly (readonly z.core.$ZodIssue[])[]) {
  const unknown = branches.map((issues) =>
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 0 ? [issue] : [],
    ),
  )
  const keys = [...new Set(unknown.flat().flatMap((issue) => issue.keys))]
  return {
    keys: keys.filter((key) =>
      unknown.every((issues) => issues.some((issue) => issue.keys.includes(key))),
    ),
    known: [...new Set(unknown.flat().flatMap(({ message }) => knownKeysIn(message)))],
  }
}

/** True if the whole value has another type, for example text instead of a mapping. */
function isOfOtherType(issue: z.core.$ZodIssue): boolean {
  return (
    issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
  )
}

function distanceOf(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1),
    0,
  )
}

/** @param written the value's text in the file, if it is a scalar */
function detailsOf(issue: z.core.$ZodIssue, path: Path, written?: string): ProblemDetails {
  const name = nameOf(path)
  switch (issue.code) {
    case 'custom':
      return { code: codeOf(issue.params?.['code']), message: issue.message, hint: hintOf(issue) }
    case 'invalid_type':
      return {
        code: 'wrong-type',
        message: `${name} must be ${expectation(issue)}, not ${describe(issue.input, written)}`,
        hint: hintForType(issue, written),
      }
    case 'invalid_value':
      return {
        code: 'wrong-value',
        message: `${describe(issue.input, written)} is not one of ${alternatives(issue.values)}`,
        hint: hintForValue(issue.input, issue.values, []),
      }
    case 'too_small':
      return bound(
        issue.origin,
        `at least ${issue.minimum}`,
        issue.inclusive === false && 'above 0',
        name,
      )
    case 'too_big':
      return bound(issue.origin, `at most ${issue.maximum}`, false, name)
    default:
      return {
        code: 'wrong-value',
        message: `${name}: ${issue.message}`,
        hint: 'see `experiments/experiment.schema.json`',
      }
  }
}

function bound(
  origin: string,
  limit: string,
  strict: string | false,
  name: string,
): ProblemDetails {
  const unit = origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : ''
  const allowed = strict === false ? limit : strict
  return {
    code: 'wrong-value',
    message: `${name} must be ${allowed}${unit === '' ? '' : `${unit} long`}`,
    hint: origin === 'array' && limit === 'at least 1' ? 'add an entry' : `write ${allowed}${unit}`,
  }
}

/** What the value must be, as a noun. Schemas name it if the type alone is not enough. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return alternatives(issue.values)
  if (issue.code !== 'invalid_type') return issue.message
  if (!isDefault(issue.message)) return issue.message
  return kinds[issue.expected] ?? issue.expected
}

/** The forms that one branch of a union accepts. Literal values are listed one by one. */
function allowedForms(issue: z.core.$ZodIssue): readonly string[] {
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

function describe(value: unknown, written?: string): string {
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

function hintForValue(
  input: unknown,
  values: readonly unknown[],
  forms: readonly string[],
  written?: string,
): string {
  if (input === null) return hintForEmpty(written, forms)
  const known = values.filter((value) => typeof value === 'string')
  const nearest = typeof input === 'string' ? nearestWord(input, known) : undefined
  if (nearest !== undefined) return `did you mean ${quoted(nearest)}?`
  return `write ${forms.length > 0 ? joinAlternatives(forms) : alternatives(known)}`
}

function hintForType(issue: z.core.$ZodIssueInvalidType, written?: string): string {
  const { input, expected } = issue
  if (input === null) return hintForEmpty(written, [expectation(issue)])
  if (!isDefault(issue.message)) return `write ${issue.message}`
  if (typeof input === 'string' && !Number.isNaN(Number(input)) && input !== '')
    return 'remove the quotes'
  return `write ${yamlForms[expected] ?? expectation(issue)}`
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

function valuesOf(issue: z.core.$ZodIssue): readonly unknown[] {
  return issue.code === 'invalid_value' ? issue.values : []
}

function codeOf(code: unknown): ProblemCode {
  return problemCodes.find((known) => known === code) ?? 'wrong-value'
}

function hintOf(issue: z.core.$ZodIssueCustom): string | undefined {
  const hint: unknown = issue.params?.['hint']
  return typeof hint === 'string' ? hint : undefined
}
