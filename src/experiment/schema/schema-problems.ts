/** Turns zod's issues into problems with plain messages and positions in the file. */
import { z } from 'zod'
import { didYouMean } from '../../errors/did-you-mean.ts'
import { limits } from '../../errors/limits.ts'
import { alternatives, joinAlternatives, quoted } from '../../errors/quote.ts'
import type { ProblemDetails, Problem, ProblemCode } from '../problem.ts'
import { problemCodes } from '../problem.ts'
import {
  allowedForms,
  describe,
  expectation,
  hintForType,
  hintForValue,
} from './expected-values.ts'
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
  const { max } = limits.problems
  return result.error.issues
    .slice(0, max)
    .flatMap((issue) => explain(source, base, issue))
    .slice(0, max)
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
    return issue.keys
      .slice(0, limits.problems.max)
      .map((key) => unknownKey(source, path, key, knownKeysIn(issue.message)))
  if (issue.code === 'invalid_union') return explainUnion(source, path, issue)
  if (issue.code === 'invalid_key')
    return issue.issues.map((inner) => source.problem(path, detailsOf(inner, path), 'key'))
  if (!source.has(path)) return [source.problem(path, missingKey(path, source))]
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

export function missingKey(path: Path, source: Pick<Source, 'has'>): ProblemDetails {
  const key = String(path.at(-1))
  const parent = path.slice(0, -1)
  if (path.slice(-2).join('.') === 'load.duration')
    return {
      code: 'endless-load',
      message: 'this load never ends',
      hint: `add \`duration: 30s\`${source.has([...parent, 'rate']) ? '' : ', or `requests: 100`'}`,
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
  if (!source.has(path)) return [source.problem(path, missingKey(path, source))]
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
    return unknown.keys
      .slice(0, limits.problems.max)
      .map((key) => unknownKey(source, path, key, unknown.known))
  const firstKey = Object.keys(Object(issue.input) as object)[0]
  const [best = []] = branches.toSorted(
    (a, b) =>
      distanceOf(a) - distanceOf(b) ||
      Number(isUnknown(firstKey, a)) - Number(isUnknown(firstKey, b)),
  )
  return best.flatMap((inner) => explain(source, path, inner))
}

/** True if the form lacks this key. The key that is written first mostly shows which form was meant. */
function isUnknown(key: string | undefined, issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.some(
    (issue) =>
      issue.code === 'unrecognized_keys' &&
      issue.path.length === 0 &&
      issue.keys.some((unknown) => unknown === key),
  )
}

/**
 * The written keys that no form has, and the keys of all forms: a misspelled key does not show which form was meant.
 */
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

/** For `{docker: IMAGE}` instead of `{docker: {image: IMAGE}}`. */
function hintForImage({ input }: z.core.$ZodIssueInvalidType, path: Path): string | undefined {
  if (path.at(-1) !== 'docker' || typeof input !== 'string') return undefined
  return `write ${quoted(`{docker: {image: "${input}"}}`)}`
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
        hint: hintForImage(issue, path) ?? hintForType(issue, written),
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
