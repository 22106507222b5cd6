/** `reports/README.md`: the notebook's index with one row per experiment, made from the newest locks only. */
import type { PhrasingContent } from 'mdast'
import { ExpError } from '../errors/exp-error.ts'
import { readFileIfExists } from '../files/read-files.ts'
import { writeFiles, type WrittenFile } from '../files/write-files.ts'
import { type Locale, locales } from '../format/locales.generated.ts'
import { block, table, text, type Cell } from '../markdown/markdown.ts'
import { translatedLock } from './lock-texts.ts'
import type { Lock } from './lock.ts'
import type { EditedLine } from './outside-edits.ts'
import { commonLocale, overviewLine, overviewOf } from './overview.ts'
import type { NotebookWords, WordsOf } from './template-files.ts'

export const indexFile = 'reports/README.md'

/**
 * @param newest the newest lock of each experiment that has a report
 * @param inLocale returns a lock with its texts in a language
 */
export function indexPage(
  newest: readonly Lock[],
  wordsOf: WordsOf,
  inLocale: (lock: Lock, locale: Locale) => Lock = (lock) => lock,
): Buffer {
  const locale = commonLocale(newest.map((lock) => lock.locale))
  const byName = newest
    .map((lock) => inLocale(lock, locale))
    .sort((a, b) => (a.experiment < b.experiment ? -1 : 1))
  // Demos come last, because their figures describe no real server.
  const sorted = [false, true].flatMap((demo) => byName.filter(({ standIn }) => standIn === demo))
  const words = wordsOf(locale)
  const ids = new Set(sorted.map((lock) => lock.experiment))
  const columns = columnsOf({
    verdicts: sorted.some(({ claims }) => Object.keys(claims).length > 0),
    follows: sorted.some(({ follows }) => follows !== undefined),
  })
  const rows = sorted.map((lock) => {
    const line = overviewLine(overviewOf(lock), words)
    return columns.map((name): Cell => {
      if (name === 'title') return link(line.title, lock.experiment)
      const followedId = name === 'follows' ? lock.follows?.experiment : undefined
      return followedId !== undefined && ids.has(followedId)
        ? link(line.follows, followedId)
        : line[name]
    })
  })
  const body = rows.length === 0 ? words.text('index.empty') : indexTable(columns, rows, words)
  return Buffer.from(`# ${words.text('index.title')}\n\n${words.text('index.note')}\n\n${body}\n`)
}

/**
 * The handwritten lines of an index, with line numbers. A line is handwritten unless exp could have generated it, or it
 * is a table row or a conflict marker of a merge. Handwritten lines must not be dropped silently.
 * @param known the words of all locales, because the locale of the index may have changed
 */
export function handwrittenLines(
  page: string,
  known: readonly NotebookWords[],
): readonly { readonly line: number; readonly text: string }[] {
  const generated = new Set(known.flatMap(generatedLines))
  return page
    .split(/\r?\n/)
    .map((text, index) => ({ line: index + 1, text }))
    .filter(({ text }) => !generated.has(text) && !/^\| \[.*\]\(<?.+\/README\.md>?\) \|/.test(text))
    .filter(({ text }) => !/^(?:<{7}|\|{7}|={7}|>{7})(?: |$)/.test(text))
}

/** Every line that an index in one locale may contain, except for table rows. */
function generatedLines(words: NotebookWords): readonly string[] {
  const heads = [true, false].flatMap((verdicts) =>
    [true, false].map((follows) => indexTable(columnsOf({ verdicts, follows }), [], words)),
  )
  return [
    '',
    `# ${words.text('index.title')}`,
    words.text('index.note'),
    words.text('index.formerNote'),
    words.text('index.empty'),
    ...heads.flatMap((head) => head.split('\n')),
  ]
}

function indexTable(
  columns: readonly ColumnName[],
  rows: readonly (readonly Cell[])[],
  words: NotebookWords,
): string {
  const header = columns.map((name) => words.text(`column.${name}`))
  return block(table(header, rows)).source
}

const columnNames = [
  'title',
  'question',
  'answer',
  'verdicts',
  'version',
  'date',
  'state',
  'follows',
] as const
type ColumnName = (typeof columnNames)[number]

/** The columns that at least one experiment fills. */
function columnsOf({
  verdicts,
  follows,
}: {
  readonly verdicts: boolean
  readonly follows: boolean
}): readonly ColumnName[] {
  return columnNames.filter(
    (name) => (verdicts || name !== 'verdicts') && (follows || name !== 'follows'),
  )
}

function link(title: string, id: string): readonly PhrasingContent[] {
  return [{ type: 'link', url: `${id}/README.md`, children: text(title) }]
}

/** The lines that people wrote into the index. */
function handwrittenIn(root: string, wordsOf: WordsOf): readonly EditedLine[] {
  const page = readFileIfExists(root, indexFile)?.toString('utf8') ?? ''
  return handwrittenLines(page, locales.map(wordsOf)).map((line) => ({ file: indexFile, ...line }))
}

/** Throws `ExpError('edited')` if people wrote lines into the index. */
export function assertIndexUnedited(root: string, wordsOf: WordsOf): void {
  const [first] = handwrittenIn(root, wordsOf)
  if (first === undefined) return
  throw new ExpError(
    'edited',
    `${indexFile}:${first.line}: \`${first.text}\` was written by hand, but \`exp report\` regenerates the index`,
    'move the text into a keep block of a report, or drop it with `--discard-edits`',
  )
}

/**
 * Writes the index if it differs.
 * @param newest the newest lock of each experiment that has a report
 * @returns what was written, and the handwritten lines that are dropped
 */
export async function writeIndex(
  root: string,
  newest: readonly Lock[],
  wordsOf: WordsOf,
): Promise<{
  readonly written: readonly WrittenFile[]
  readonly discardedLines: readonly EditedLine[]
}> {
  const discardedLines = handwrittenIn(root, wordsOf)
  const index = indexPage(newest, wordsOf, (lock, locale) => translatedLock(root, lock, locale))
  return { written: await writeFiles(root, new Map([[indexFile, index]])), discardedLines }
}
