/** Reads `exp.local.yaml`: the settings of this machine, which are not committed. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { limits } from '../errors/limits.ts'
import { refuseTracked } from './git-files.ts'
import { readFileIfExists } from './read-files.ts'
import { withoutStacks, yamlTokens } from '../json/yaml-depth.ts'
import { nearestWord } from '../errors/did-you-mean.ts'

const fileName = 'exp.local.yaml'

const settingsHint = `\`${fileName}\` may contain \`name\`, \`ollama: {binaries: {VERSION: PATH}, models: FOLDER}\`, \`powermetrics: FILE\` and \`datasets: {NAME: FILE}\``

const path = z.string().trim().min(1)

const settingsSchema = z.strictObject({
  /** The name by which a config's `host` refers to this machine. */
  name: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u, 'letters, digits, spaces, `.`, `_` and `-`')
    .optional(),
  ollama: z
    .strictObject({
      /** Ollama programs by version: `"0.11.3": /opt/ollama-0.11.3/bin/ollama`. */
      binaries: z.record(z.string(), path).optional(),
      /** The model store, if it is not in Ollama's default folder. */
      models: path.optional(),
    })
    .optional(),
  /** The file that `sudo powermetrics … -o FILE` writes on a Mac, for the energy per token. */
  powermetrics: path.optional(),
  /** Datasets that stay out of git, by the name that experiments use: `support: ~/private/support.jsonl`. */
  datasets: z
    .record(
      z
        .string()
        .refine(
          isDatasetName,
          'a name of letters, digits, `_` and `-`, without a slash and a suffix',
        ),
      path,
    )
    .optional(),
})

/**
 * True if the text can be the name of a private dataset. In `dataset:` of an experiment, a text with a slash or a
 * suffix is a path instead.
 */
export function isDatasetName(text: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_-]{0,99}$/u.test(text)
}

export interface LocalSettings {
  readonly name?: string
  readonly ollama: {
    /** From version to absolute path. */
    readonly binaries: Readonly<Record<string, string>>
    /** An absolute path. */
    readonly models?: string
  }
  /** An absolute path. */
  readonly powermetrics?: string
  /** From name to absolute path. Absent if there are none. */
  readonly datasets?: Readonly<Record<string, string>>
}

/**
 * The settings in the project's folder; empty if there is no file. Throws `ExpError` with file, line and column if the
 * file is invalid. Throws it too if git tracks the file: a tracked file may come from a stranger's branch, and it names
 * programs that `exp run` would start.
 */
export function loadLocalSettings(directory: string): LocalSettings {
  const bytes = readFileIfExists(directory, fileName, limits.localSettings)
  if (bytes !== undefined) refuseTracked(directory, fileName)
  return parseLocalSettings(bytes?.toString('utf8') ?? '', directory)
}

/** @param directory the folder that relative paths start from; `~/` is the user's home */
export function parseLocalSettings(text: string, directory: string): LocalSettings {
  const read = yamlTokens(text)
  if ('failure' in read)
    throw new ExpError('invalid-input', `${fileName}:1:1: ${read.failure}`, settingsHint)
  const lines = new LineCounter()
  const document = withoutStacks(() =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true }),
  )
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${fileName}:${line}:${col}`
  }
  const syntax = document.errors[0]
  if (syntax) throw new ExpError('invalid-input', `${at(syntax.pos[0])}: ${syntax.message}`)
  const checked = settingsSchema.safeParse(valueOf(document) ?? {})
  if (!checked.success) throw settingsError(checked.error, (keys) => at(offsetOf(document, keys)))
  const { name, ollama, powermetrics, datasets } = checked.data
  const absolute = (path: string) =>
    resolve(directory, path.startsWith('~/') ? join(homedir(), path.slice(2)) : path)
  return {
    ...(name !== undefined && { name }),
    ollama: {
      binaries: Object.fromEntries(
        Object.entries(ollama?.binaries ?? {}).map(([version, path]) => [version, absolute(path)]),
      ),
      ...(ollama?.models !== undefined && { models: absolute(ollama.models) }),
    },
    ...(powermetrics !== undefined && { powermetrics: absolute(powermetrics) }),
    ...(datasets !== undefined && {
      datasets: Object.fromEntries(
        Object.entries(datasets).map(([name, path]) => [name, absolute(path)]),
      ),
    }),
  }
}

function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 10 })
  } catch {
    throw new ExpError('invalid-input', `${fileName}:1:1: aliases cannot be resolved`)
  }
}

function settingsError(error: z.ZodError, at: (keys: readonly PropertyKey[]) => string): ExpError {
  const messages = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(
          (key) => `${at([...issue.path, key])}: unknown key \`${key}\`${suggestion(key)}`,
        )
      : [`${at(issue.path)}: \`${issue.path.join('.')}\`: ${issue.message}`],
  )
  return new ExpError('invalid-input', messages, settingsHint)
}

function suggestion(key: string): string {
  const known = nearestWord(key, [
    'name',
    'ollama',
    'binaries',
    'models',
    'powermetrics',
    'datasets',
  ])
  return known === undefined ? '' : `; did you mean \`${known}\`?`
}

/** The position of the value at `keys`, or of the closest enclosing value if it is absent. */
function offsetOf(document: Document, keys: readonly PropertyKey[]): number {
  const node = keys.length === 0 ? document.contents : document.getIn(keys, true)
  const range = z.object({ range: z.tuple([z.number(), z.number(), z.number()]) }).safeParse(node)
  if (range.success) return range.data.range[0]
  return keys.length === 0 ? 0 : offsetOf(document, keys.slice(0, -1))
}
