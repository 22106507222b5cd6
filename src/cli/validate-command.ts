import { relative, sep } from 'node:path'
import { globby, isDynamicPattern } from 'globby'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { onOneLine } from '../errors/quote.ts'
import { formatProblems } from '../experiment/format-problem.ts'
import type { ParsedExperiment } from '../experiment/parse-experiment.ts'
import { findRoot, parseExperimentFile } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'

const schema = z.object({ hosts: z.boolean().default(false) })

/** Prints the problems of all files; with `--hosts`, also the hosts that their configs name, as a JSON list. */
export async function validate(
  patterns: readonly string[],
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const { hosts: listsHosts } = schema.parse(rawOptions)
  const root = findRoot(io.cwd)
  const hosts = new Set<string>()
  let invalid = false
  for (const file of await experimentFiles(patterns, io)) {
    const parsed = parseExperimentFile(root, file)
    const valid = printProblems(parsed, io)
    invalid ||= !valid
    for (const host of hostsOf(parsed)) hosts.add(host)
    if (valid && !listsHosts)
      io.stdout.write(`${onOneLine(relative(io.cwd, file).split(sep).join('/'))}: valid\n`)
  }
  if (listsHosts && !invalid) {
    if (hosts.size === 0)
      throw new ExpError(
        'invalid-input',
        'no config names a host',
        'Add `host: NAME` to the configs that only one machine can measure.',
      )
    io.stdout.write(`${JSON.stringify([...hosts])}\n`)
  }
  return invalid ? exitCodes.invalid : exitCodes.done
}

function hostsOf({ experiment }: ParsedExperiment): readonly string[] {
  const configs = experiment?.configs ?? []
  return configs.flatMap((config) =>
    config.kind === 'measured' && config.host !== undefined ? [config.host] : [],
  )
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
