import { relative, sep } from 'node:path'
import { globby, isDynamicPattern } from 'globby'
import { ExpError } from '../errors/exp-error.ts'
import { onOneLine } from '../errors/quote.ts'
import { formatProblems } from '../experiment/format-problem.ts'
import type { ParsedExperiment } from '../experiment/parse-experiment.ts'
import { findRoot, parseExperimentFile } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'

/** Prints the problems of all files. */
export async function validate(patterns: readonly string[], io: Io): Promise<ExitCode> {
  const root = findRoot(io.cwd)
  let invalid = false
  for (const file of await experimentFiles(patterns, io)) {
    const parsed = parseExperimentFile(root, file)
    const valid = printProblems(parsed, io)
    invalid ||= !valid
    if (valid) io.stdout.write(`${onOneLine(relative(io.cwd, file).split(sep).join('/'))}: valid\n`)
  }
  return invalid ? exitCodes.invalid : exitCodes.done
}

/**
 * The absolute paths of the files that the arguments name, in order; matches of a glob are sorted by code unit.
 * @throws ExpError if a glob matches nothing
 */
export async function experimentFiles(
  patterns: readonly string[],
  io: Io,
): Promise<readonly string[]> {
  const files: string[] = []
  for (const pattern of patterns) {
    const found = isDynamicPattern(pattern)
      ? (await globby(pattern, { cwd: io.cwd, absolute: true })).sort()
      : await globby(pattern, { cwd: io.cwd, absolute: true, expandDirectories: false })
    if (found.length > 0) files.push(...found)
    else if (isDynamicPattern(pattern))
      throw new ExpError(
        'invalid-input',
        `no file matches \`${pattern}\``,
        '`exp init NAME` starts an experiment',
      )
    // A missing file or a folder is reported when it is read.
    else files.push(pattern)
  }
  return [...new Set(files)]
}

/** Prints problems and warnings on stderr. Returns true if the experiment is valid. */
export function printProblems({ experiment, problems, texts }: ParsedExperiment, io: Io): boolean {
  const { red, yellow, bold, dim } = paint(io.stderr, io.env)
  const text = formatProblems(problems, texts, {
    error: red,
    warning: yellow,
    position: bold,
    secondary: dim,
  })
  if (text !== '') io.stderr.write(`${text}\n`)
  return experiment !== undefined
}
