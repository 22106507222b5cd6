import { resolve } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import { onOneLine } from '../../errors/quote.ts'
import { openCommit } from '../../files/git-files.ts'
import type { CheckFinding } from '../../notebook/findings.ts'
import { openNotebook } from '../../notebook/notebook.ts'
import { findRoot } from '../../notebook/project.ts'
import { exitCodes, worstExitCode, type ExitCode } from '../exit-code.ts'
import { paint, type Io, type Palette } from '../io.ts'
import { terminalLocale } from '../language.ts'
import { printError } from '../print-error.ts'
import { keepLines, asControlCode } from '../safe-output.ts'
import { readTerminalWords, type TerminalWords } from '../terminal-words.ts'
import { annotationLine, annotationsOf } from './annotations.ts'
import { summaryText } from './check-summary.ts'
import { checkNotebook, type CheckResult } from './checked.ts'

const schema = z.object({
  all: z.boolean().default(false),
  gate: z.boolean().default(false),
  format: z.enum(['text', 'github']),
  summary: z.string().optional(),
  against: z.string().optional(),
})

/**
 * Compares the files on disk with what `exp report` would write. Prints findings on stdout, and exits 1 if there are
 * any.
 * @param names ids or file names; empty for all experiments
 */
export async function check(
  names: readonly string[],
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const { all, gate, format, summary, against: ref } = schema.parse(rawOptions)
  if (ref !== undefined && summary === undefined)
    throw new ExpError(
      'invalid-input',
      '`--against` requires `--summary`',
      'To print what changed since a commit, use `exp diff --against REF`.',
    )
  const words = readTerminalWords(io)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const checked = await checkNotebook(
    notebook,
    names,
    { gate, redraw: all, locale: terminalLocale(io) },
    words,
  )
  const summaryError =
    summary === undefined
      ? undefined
      : await errorOf(async () => {
          const commit = ref === undefined ? undefined : await openCommit(notebook.root, ref)
          const text = await summaryText(notebook, checked, commit, io.lang)
          await writeFile(resolve(io.cwd, summary), text)
        })
  if (format === 'github')
    for (const annotation of annotationsOf(notebook.root, checked, io.env['GITHUB_WORKSPACE']))
      printAnnotation(annotationLine(annotation), io)
  else printChecked(checked, words, io)
  const errors = [...checked.bugs, ...(summaryError === undefined ? [] : [summaryError])]
  if (errors.length > 0) return worstExitCode(errors.map((error) => printError(error, io)))
  return checked.findings.length + checked.unmet.length > 0 ? exitCodes.findings : exitCodes.done
}

/**
 * The error that the work throws; undefined if it succeeds. A summary that cannot be written must not hide the
 * findings.
 */
async function errorOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error
  }
}

/** @param line begins with `::`. Only `exp check` may print such lines, which GitHub Actions runs as commands. */
function printAnnotation(line: string, io: Io): void {
  io.stdout.write(keepLines(`${asControlCode('::')}${line.slice(2)}\n`))
}

/** Prints the findings, or that there are none. Throws `ExpError` if there was nothing to check. */
function printChecked(
  { findings, reports, bugs, unmet, notes, nothingToCheck }: CheckResult,
  words: TerminalWords,
  io: Io,
): void {
  const palette = paint(io.stdout, io.env)
  for (const finding of findings) printFinding(finding, palette, io)
  for (const { message } of [...unmet, ...notes]) io.stderr.write(`${message}\n`)
  if (findings.length + bugs.length > 0) return
  if (nothingToCheck !== undefined) throw nothingToCheck
  const summary =
    reports.length === 1
      ? words.text('check.oneReport')
      : words.text('check.reports', { reports: reports.length })
  io.stdout.write(`${palette.green('✓')} ${summary}\n`)
}

function printFinding({ message, fix, diff }: CheckFinding, palette: Palette, io: Io): void {
  io.stdout.write(`${palette.red('✗')} ${onOneLine(message)}\n`)
  if (diff !== undefined) io.stdout.write(colourDiff(diff, palette))
  io.stdout.write(`  ${onOneLine(fix)}\n`)
}

/** @param diff in the unified format */
function colourDiff(diff: string, { red, green, dim, bold }: Palette): string {
  return diff
    .split('\n')
    .map((line) => {
      if (line.startsWith('+++') || line.startsWith('---')) return bold(line)
      if (line.startsWith('@@')) return dim(line)
      if (line.startsWith('+')) return green(line)
      return line.startsWith('-') ? red(line) : line
    })
    .join('\n')
}
