import wrapAnsi from 'wrap-ansi'
import { z } from 'zod'
import { examineAndCleanUp } from '../doctor/doctor.ts'
import type { DoctorFinding } from '../doctor/finding.ts'
import { startEngine } from '../embedded/engine-process.ts'
import { engineProblem } from '../embedded/engine-package.ts'
import { systemTools, stateFolder } from '../host/machine-tools.ts'
import { findRoot } from '../notebook/project.ts'
import { oneLine } from '../format/plain-text.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'
import { printJson } from './safe-output.ts'

const schema = z.object({ json: z.boolean().default(false) })

/** Prints what this machine can run, and how to fix what is missing. Always exits 0: missing programs are not errors. */
export async function doctor(rawOptions: object, io: Io): Promise<ExitCode> {
  const { env, signal } = io
  const tools = systemTools()
  const findings = await examineAndCleanUp({
    tools,
    env,
    root: findRoot(io.cwd),
    stateFolder: stateFolder(env, tools.platform),
    startEngine,
    engineProblem: () => engineProblem(env),
    signal,
  })
  if (schema.parse(rawOptions).json) printJson(io.stdout, findings)
  else io.stdout.write(findingsText(findings, io))
  return exitCodes.done
}

function findingsText(findings: readonly DoctorFinding[], io: Io): string {
  const { green, yellow, dim } = paint(io.stdout, io.env)
  const signs = { good: green('✓'), lacking: yellow('✗'), info: dim('·') }
  const indent = Math.max(...findings.map(({ what }) => what.length)) + 4
  const width = Math.max(20, io.stdout.columns - indent)
  const lines = findings.flatMap(({ what, state, detail, fix, tries = [] }) => {
    const [first = '', ...more] = wrapped(detail, width)
    const fixes = fix === undefined ? [] : wrapped(`fix: ${fix}`, width)
    const commands = tries.flatMap((line) => wrapped(`try: ${line}`, width))
    const head = `${signs[state]} ${what.padEnd(indent - 2)}${first}`
    return [head, ...[...more, ...fixes, ...commands].map((line) => ' '.repeat(indent) + line)]
  })
  return `${lines.join('\n')}\n`
}

/** Wraps a text at spaces. A word that is longer than a line is not broken. */
function wrapped(sentence: string, width: number): readonly string[] {
  return wrapAnsi(oneLine(sentence), width).split('\n')
}
