import { relative, sep } from 'node:path'
import { globby, isDynamicPattern } from 'globby'
import { ExpError } from '../errors/exp-error.ts'
import { formatProblems } from '../experiment/format-problem.ts'
import type { ParsedExperiment } from '../experiment/parse-experiment.ts'
import { findRoot, parseExperimentFile } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { paint } from './paint.ts'

/** Prints every problem of every file; findings of one file do not hide those of another. */
export async function validate(patterns: readonly string[], io: Io): Promise<ExitCode> {
  const root = findRoot(io.cwd)
  let invalid = false
  for (const file of await experimentFiles(patterns, io)) {
    const parsed = parseExperimentFile(root, file)
    const valid = printProblems(parsed, io)
    invalid ||= !valid
    if (valid) io.stdout.write(`${relative(io.cwd, file).split(sep).join('/')}: valid\n`)
  }
  return invalid ? exitCodes.invalid : exitCodes.done
}

/**
 * The files that the arguments name, absolute, in order; a glob's in code-unit order.
 * @throws ExpError where a glob matches nothing
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
    // Not there, or a folder: whoever reads it says so.
    else files.push(pattern)
  }
  return [...new Set(files)]
}

/** Whether the experiment is valid; problems and warnings go to stderr. */
export function printProblems({ experiment, problems, texts }: ParsedExperiment, io: Io): boolean {
  const { red, yellow, bold, dim } = paint(io.stderr, io.env)
  const text = formatProblems(problems, texts, {
    error: red,
    warning: yellow,
    place: bold,
    aside: dim,
  })
  if (text !== '') io.stderr.write(`${text}\n`)
  return experiment !== undefined
}
