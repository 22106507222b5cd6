import { z } from 'zod'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, worstExitCode, type ExitCode } from './exit-code.ts'
import { printUnmetGates } from './gates.ts'
import type { Io } from './io.ts'
import { paint } from './paint.ts'

const schema = z.object({ gate: z.boolean().default(false) })

/** Compares what `exp report` would write with what is there: findings on stdout, exit 1 where there are any. */
export async function check(asked: readonly string[], given: object, io: Io): Promise<ExitCode> {
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const ids = asked.map((id) => notebook.experiment(id).id)
  const { findings, reports } = await notebook.check(ids.length === 0 ? undefined : ids)
  const { red, green, dim, bold } = paint(io.stdout, io.env)
  for (const { message, fix, diff } of findings) {
    io.stdout.write(`${red('✗')} ${message}\n`)
    if (diff !== undefined) io.stdout.write(coloured(diff, { red, green, dim, bold }))
    io.stdout.write(`  ${fix}\n`)
  }
  const { gate } = schema.parse(given)
  const gates = gate
    ? worstExitCode(reports.map(({ analysis }) => printUnmetGates(analysis, io)))
    : exitCodes.done
  if (findings.length > 0) return exitCodes.findings
  io.stdout.write(
    `${green('✓')} ${reports.length} ${reports.length === 1 ? 'report is' : 'reports are'} what the results say\n`,
  )
  return gates
}

type DiffPalette = Readonly<Record<'red' | 'green' | 'dim' | 'bold', (text: string) => string>>

function coloured(diff: string, { red, green, dim, bold }: DiffPalette): string {
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
