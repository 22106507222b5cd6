/**
 * Reads a dataset whose samples are lines: a text file with a prompt on each line, JSON lines, or CSV with a header.
 * Output: the same value that a dataset in YAML has, and the line of each sample.
 *
 * A line of text is the field `text`. The keys of a JSON object and the columns of a CSV are fields; `id` and
 * `expected` mean what they mean in YAML, and a column `expected.score` is the field `score` of `expected`.
 */
import { parse, CsvError } from 'csv-parse/sync'
import { z } from 'zod'
import { beyond, limits, type Limit } from '../../errors/limits.ts'
import { quoted, replaceHiddenCharacters } from '../../errors/quote.ts'
import { parseJson } from '../../json/json.ts'
import type { Problem, ProblemDetails } from '../problem.ts'
import type { Path, Source } from './source.ts'
import { tooLarge } from './yaml.ts'

interface Sample {
  readonly line: number
  readonly fields: Readonly<Record<string, unknown>>
}

/** The samples; or, for lines that cannot be read, what is wrong. */
interface ReadLines {
  readonly samples: readonly Sample[]
  readonly problems: readonly Problem[]
}

type ReadSamples = (file: string, text: string) => ReadLines

const readers: Readonly<Record<string, ReadSamples>> = {
  '.txt': readTextLines,
  '.jsonl': readJsonLines,
  '.csv': readCsv,
}

const maxProblems = 8

/** True if the name of the file says that its samples are lines. */
export function isSamplesFile(file: string): boolean {
  return readerOf(file) !== undefined
}

function readerOf(file: string): ReadSamples | undefined {
  return readers[/\.[a-z]+$/i.exec(file)?.[0].toLowerCase() ?? '']
}

/** Like `readSource`, for a file of samples. Never throws. */
export function readSamplesFile(
  file: string,
  text: string,
  limit: Limit,
): { readonly source?: Source; readonly problems: readonly Problem[] } {
  const refused = (details: ProblemDetails) => ({ problems: [problemAt(file, 1, details)] })
  if (text.length > limit.max) return refused(tooLarge(text, limit))
  const lines = text.match(/[\r\n]/g)?.length ?? 0
  if (lines > limits.lines.max) return refused(tooMany(limits.lines, lines))
  const read = readerOf(file)?.(file, text.replace(/^\ufeff/, ''))
  if (read === undefined || read.problems.length > 0)
    return { problems: (read?.problems ?? []).slice(0, maxProblems) }
  const { samples } = read
  if (samples.length > limits.samples.max) return refused(tooMany(limits.samples, samples.length))
  if (samples.length === 0)
    return refused({
      code: 'empty',
      message: 'the file has no samples',
      hint: 'write one prompt on each line',
    })
  return { source: sourceOf(file, samples), problems: [] }
}

function tooMany(limit: Limit, found: number): ProblemDetails {
  const { unit, max, remedy } = limit
  // The CSV parser stops one sample after the limit, so the total is not known.
  const count = unit === limits.samples.unit ? `more than ${max} ${unit}` : beyond(limit, found)
  return { code: 'too-large', message: `the file has ${count}`, hint: remedy }
}

function problemAt(file: string, line: number, { message, hint, ...details }: ProblemDetails) {
  return {
    severity: 'error' as const,
    file: replaceHiddenCharacters(file),
    line,
    column: 1,
    length: 1,
    message: replaceHiddenCharacters(message),
    ...(hint === undefined ? {} : { hint: replaceHiddenCharacters(hint) }),
    ...details,
  }
}

function linesOf(text: string): readonly (readonly [line: number, text: string])[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line, index) => [index + 1, line] as const)
    .filter(([, line]) => line.trim() !== '')
}

function readTextLines(_file: string, text: string): ReadLines {
  const samples = linesOf(text).map(([line, written]) => ({ line, fields: { text: written } }))
  return { samples, problems: [] }
}

function readJsonLines(file: string, text: string): ReadLines {
  const samples: Sample[] = []
  const problems: Problem[] = []
  for (const [line, written] of linesOf(text)) {
    const { data } = z.record(z.string(), z.unknown()).safeParse(parseJson(written))
    if (data !== undefined) samples.push({ line, fields: data })
    else
      problems.push(
        problemAt(file, line, {
          code: 'sample-line',
          message: `${quoted(written)} is not a JSON object`,
          hint: 'write one sample on each line: `{"text": "…"}`',
        }),
      )
    if (samples.length > limits.samples.max || problems.length >= maxProblems) break
  }
  return { samples, problems }
}

const csvRows = z.array(
  z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.number() }) }),
)

class TooManyColumns extends Error {
  readonly count: number

  constructor(count: number) {
    super(`${count} columns`)
    this.count = count
  }
}

function readCsv(file: string, text: string): ReadLines {
  try {
    const columns = (names: string[]) => {
      if (names.length > limits.columns.max) throw new TooManyColumns(names.length)
      return names
    }
    const to = limits.samples.max + 1
    const options = { columns, info: true, skip_empty_lines: true, to } as const
    const rows = csvRows.parse(parse(text, options))
    return {
      samples: rows.map(({ record, info }) => ({
        line: info.lines,
        fields: withExpected(record),
      })),
      problems: [],
    }
  } catch (error) {
    if (error instanceof TooManyColumns)
      return { samples: [], problems: [problemAt(file, 1, tooMany(limits.columns, error.count))] }
    if (!(error instanceof CsvError)) throw error
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1
    const details: ProblemDetails = {
      code: 'sample-line',
      message: `the CSV cannot be read: ${error.message}`,
      hint: 'each row needs as many values as the header has names; put a value with commas, quotes or line breaks in double quotes',
    }
    return { samples: [], problems: [problemAt(file, line, details)] }
  }
}

const expectedPrefix = 'expected.'

/** Gathers the columns `expected.NAME`. */
function withExpected(row: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const columns = Object.entries(row)
  const isExpected = ([name]: readonly [string, string]) => name.startsWith(expectedPrefix)
  const expected = columns
    .filter(isExpected)
    .map(([name, value]) => [name.slice(expectedPrefix.length), value] as const)
  const fields = Object.fromEntries(columns.filter((column) => !isExpected(column)))
  return expected.length === 0 ? fields : { ...fields, expected: Object.fromEntries(expected) }
}

/** Problems are placed at the start of the sample's line. */
function sourceOf(file: string, samples: readonly Sample[]): Source {
  const name = file.replace(/^.*[/\\]/, '').replace(/\.[a-z]+$/i, '')
  const value = { name, samples: samples.map(({ fields }) => fields) }
  const line = (path: Path): number =>
    samples[path[0] === 'samples' ? Number(path[1] ?? 0) : 0]?.line ?? 1
  return {
    file,
    value,
    problem: (path, details) => {
      const { severity = 'error', ...rest } = details
      return { ...problemAt(file, line(path), rest), severity }
    },
    line,
    keys: (path) => Object.keys(Object(valueAt(value, path)) as object),
    has: (path) => valueAt(value, path) !== undefined,
    written: () => undefined,
  }
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, step) =>
      typeof node === 'object' && node !== null ? Reflect.get(node, step) : undefined,
    root,
  )
}
