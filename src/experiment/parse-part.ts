/** Parses one part of a file by its schema, and takes numbers for text where only text is accepted. */
import type { z } from 'zod'
import type { Path, Source } from './source/source.ts'
import { isNumberOrBoolean } from './source/yaml.ts'

/**
 * Parses the part of the source at `path`. If it is malformed, tries again with the source whose numbers are text.
 * @returns the source that was parsed last; and the data, if it is well formed
 */
export function parsePart<T>(
  source: Source,
  path: Path,
  schema: z.ZodType<T>,
): { source: Source; data?: T } {
  const first = schema.safeParse(valueAt(source, path))
  if (first.success) return { source, data: first.data }
  const withText = withTextForNumbers(source, path, schema)
  const second = withText === source ? first : schema.safeParse(valueAt(withText, path))
  return second.success ? { source: withText, data: second.data } : { source: withText }
}

/**
 * Replaces each number and boolean by its text in the file if the schema accepts nothing but text there: `title: 2025`
 * needs no quotes. Returns the same source if there is nothing to replace.
 * @param path the part of the source that the schema describes
 */
function withTextForNumbers(source: Source, path: Path, schema: z.ZodType): Source {
  const { error } = schema.safeParse(valueAt(source, path), { reportInput: true })
  const texts = (error?.issues ?? [])
    .flatMap((issue) => textPaths(issue, path))
    .flatMap((path) => {
      const text = source.written(path)
      return text === undefined ? [] : [{ path, text }]
    })
  if (texts.length === 0) return source
  const value: unknown = structuredClone(source.value)
  for (const { path, text } of texts) replaceAt(value, path, text)
  return { ...source, value }
}

/**
 * The paths of numbers and booleans where any text would be accepted, but nothing else. Schemas with a message of
 * their own are left out: they accept only some texts, such as durations.
 */
function textPaths(issue: z.core.$ZodIssue, base: Path): readonly Path[] {
  const path = [...base, ...issue.path.filter((step) => typeof step !== 'symbol')]
  if (issue.code === 'invalid_union')
    return issue.errors.flat().flatMap((inner) => textPaths(inner, path))
  const isPlainText =
    issue.code === 'invalid_type' &&
    issue.expected === 'string' &&
    issue.message.startsWith('Invalid input')
  return isPlainText && isNumberOrBoolean(issue.input) ? [path] : []
}

function replaceAt(root: unknown, path: Path, text: string): void {
  const parent = path.slice(0, -1).reduce<unknown>(childOf, root)
  if (typeof parent === 'object' && parent !== null) Reflect.set(parent, path.at(-1) ?? '', text)
}

function childOf(parent: unknown, step: string | number): unknown {
  return typeof parent === 'object' && parent !== null ? Reflect.get(parent, step) : undefined
}

export function valueAt({ value }: Source, path: Path): unknown {
  return path.reduce<unknown>(childOf, value)
}
