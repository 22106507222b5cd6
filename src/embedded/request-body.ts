/** Parses request bodies with the checks and error messages of Go's JSON decoder. */
import { z } from 'zod'
import { HttpProblem } from './reply.ts'
import { parseJson } from '../json/json.ts'

const text = z.string().nullish()
const keepAlive = z.union([z.string(), z.number()]).nullish()
const common = {
  model: text,
  stream: z.boolean().nullish(),
  format: z.unknown().optional(),
  keep_alive: keepAlive,
  options: z.record(z.string(), z.unknown()).nullish(),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high', 'max'])]).nullish(),
  truncate: z.boolean().nullish(),
  shift: z.boolean().nullish(),
  top_logprobs: z.int().nullish(),
  _debug_render_only: z.boolean().nullish(),
}

export const generateRequest = z.object({
  ...common,
  prompt: text,
  suffix: text,
  system: text,
  template: text,
  context: z.array(z.int().nonnegative()).nullish(),
  raw: z.boolean().nullish(),
  images: z.array(z.string()).nullish(),
})
export type GenerateRequest = z.infer<typeof generateRequest>

export const chatRequest = z.object({
  ...common,
  messages: z
    .array(
      z.object({
        role: text,
        content: text,
      }),
    )
    .nullish(),
  tools: z.array(z.unknown()).nullish(),
})
export type ChatRequest = z.infer<typeof chatRequest>

export const embedRequest = z.object({
  model: text,
  input: z.union([z.string(), z.array(z.string())]).nullish(),
  truncate: z.boolean().nullish(),
  dimensions: z.int().nullish(),
  keep_alive: keepAlive,
  options: z.record(z.string(), z.unknown()).nullish(),
})

export const showRequest = z.object({ model: text, name: text, verbose: z.boolean().nullish() })

/**
 * @param kind the name of the Go type in error messages, for example `GenerateRequest`
 * @throws HttpProblem 400 for a body that is missing, not JSON, or has wrong types
 */
export function parseBody<T>(body: string, schema: z.ZodType<T>, kind: string): T {
  if (body.trim() === '') throw new HttpProblem(400, 'missing request body')
  const result = schema.safeParse(parseJson(body, rejectJson))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new HttpProblem(
    400,
    issue === undefined ? 'invalid request' : goTypeError(issue, body, kind),
  )
}

/** Throws the error that Go's parser has for a body that is not JSON. */
function rejectJson(reason: string): never {
  const [, unexpected] = /Unexpected token '(.)'/su.exec(reason) ?? []
  throw new HttpProblem(
    400,
    unexpected === undefined
      ? 'unexpected EOF'
      : `invalid character '${unexpected}' looking for beginning of value`,
  )
}

/** `json: cannot unmarshal number into Go struct field ChatRequest.model of type string` */
function goTypeError(issue: z.core.$ZodIssue, body: string, kind: string): string {
  const path = issue.path.filter((part) => typeof part === 'string')
  const value = issue.path.reduce<unknown>(
    (parent, part) => (isObject(parent) ? parent[String(part)] : undefined),
    parseJson(body),
  )
  const expected =
    issue.code === 'invalid_type' ? (goTypes[issue.expected] ?? issue.expected) : issue.code
  if (path[0] === 'think')
    return 'invalid think value: must be a boolean or one of "low", "medium", "high", "max"'
  if (path[0] === 'keep_alive') return 'invalid duration'
  if (path.length === 0)
    return `json: cannot unmarshal ${jsonType(value)} into Go value of type api.${kind}`
  return `json: cannot unmarshal ${jsonType(value)} into Go struct field ${kind}.${path.join('.')} of type ${expected}`
}

const goTypes: Readonly<Record<string, string>> = {
  boolean: 'bool',
  int: 'int',
  array: 'slice',
  record: 'map[string]interface {}',
  object: 'struct',
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return value === null ? 'null' : typeof value
}
