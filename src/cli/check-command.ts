import { z } from 'zod'
import { noReportYet } from '../notebook/first-report.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, worstExitCode, type ExitCode } from './exit-code.ts'
import { nothingGated, printUnmetGates } from './gate.ts'
import { paint, type Io, type Palette } from './io.ts'
import { readTerminalWords } from './terminal-words.ts'

const schema = z.object({ gate: z.boolean().default(false) })

/**
 * Compares the files on disk with what `exp report` would write. Prints findings on stdout, and exits 1 if there are any.
 * @param names ids or file names; empty for all experiments
 */
export async function check(
  names: readonly string[],
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const { gate } = schema.parse(rawOptions)
  const words = readTerminalWords()
  const root = findRoot(io.cwd)
  const notebook = openNotebook({ root })
  const ids = names.map((name) => notebook.experiment(name).id)
  const { findings, reports } = await notebook.check(ids.length === 0 ? undefined : ids)
  if (ids.length === 0 && reports.length === 0 && findings.every(({ code }) => code === 'missing'))
    throw noReportYet(root, 'findings')
  const palette = paint(io.stdout, io.env)
  for (const { message, fix, diff } of findings) {
    io.stdout.write(`${palette.red('✗')} ${message}\n`)
    if (diff !== undefined) io.stdout.write(colourDiff(diff, palette))
    io.stdout.write(`  ${fix}\n`)
  }
  const isGated = reports.some(({ analysis }) =>
    analysis.hypotheses.some(({ hypothesis }) => hypothesis.gate),
  )
  const gates = gate
    ? worstExitCode(reports.map(({ analysis }) => printUnmetGates(analysis, words, io)))
    : exitCodes.done
  if (findings.length > 0) return exitCodes.findings
  if (gate && !isGated) throw nothingGated()
  const summary =
    reports.length === 1
      ? words.text('check.oneReport')
      : words.text('check.reports', { reports: reports.length })
  io.stdout.write(`${palette.green('✓')} ${summary}\n`)
  return gates
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
