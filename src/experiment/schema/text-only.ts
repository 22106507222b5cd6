/** Takes plain YAML scalars as text where a schema accepts nothing but text: `title: 2025` needs no quotes. */
import type { z } from 'zod'
import { isNumberOrBoolean } from '../source/as-written.ts'
import type { Path, Source } from '../source/source.ts'

/** The source with the written text of each number and boolean for which the schema accepts nothing but text. */
export function withWrittenText(source: Source, schema: z.ZodType): Source {
  const { error } = schema.safeParse(source.value, { reportInput: true })
  const texts = (error?.issues ?? [])
    .flatMap((issue) => textPaths(issue))
    .flatMap((path) => {
      const text = source.written(path)
      return text === undefined ? [] : [{ path, text }]
    })
  if (texts.length === 0) return source
  const value: unknown = structuredClone(source.value)
  for (const { path, text } of texts) replaceAt(value, path, text)
  return { ...source, value }
}

/** Where a number or a boolean is written, and only text is accepted. A schema that names its own form, such as a duration, is not meant. */
function textPaths(issue: z.core.$ZodIssue, base: Path = []): readonly Path[] {
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
