/** Writes the index, `reports/README.md`, and protects what people wrote in it. */
import { ExpError } from '../errors/exp-error.ts'
import { readFileIfExists } from '../files/read-files.ts'
import { writeFiles, type WrittenFile } from '../files/write-files.ts'
import { locales } from '../format/locales.generated.ts'
import { handwrittenLines, indexFile, indexPage } from './index-page.ts'
import type { Lock } from './lock.ts'
import { translatedLock } from './lock-texts.ts'
import type { EditedLine } from './outside-edits.ts'
import type { WordsOf } from './template-files.ts'

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
  readonly discarded: readonly EditedLine[]
}> {
  const discarded = handwrittenIn(root, wordsOf)
  const index = indexPage(newest, wordsOf, (lock, locale) => translatedLock(root, lock, locale))
  return { written: await writeFiles(root, new Map([[indexFile, index]])), discarded }
}
