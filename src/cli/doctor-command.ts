/** `exp doctor`: what this machine can run, and how to mend what it cannot. */
import stringWidth from 'string-width'
import { z } from 'zod'
import { examine } from '../doctor/doctor.ts'
import type { Finding } from '../doctor/finding.ts'
import { startEngine } from '../embedded/engine-process.ts'
import { systemTools } from '../host/machine-tools.ts'
import { stateFolder } from '../host/state-folder.ts'
import { findRoot } from '../notebook/project.ts'
import { oneLine } from '../format/plain-text.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { paint } from './paint.ts'

const schema = z.object({ json: z.boolean().default(false) })

/** Exits 0 whatever it finds: a machine without Ollama is no fault of the notebook. */
export async function doctor(given: object, io: Io): Promise<ExitCode> {
  const { env, signal } = io
  const tools = systemTools()
  const findings = await examine({
    tools,
    env,
    root: findRoot(io.cwd),
    stateFolder: stateFolder(env, tools.platform),
    startEngine,
    signal,
  })
  if (schema.parse(given).json) io.stdout.write(`${JSON.stringify(findings, null, 2)}\n`)
  else io.stdout.write(text(findings, io))
  return exitCodes.done
}

function text(findings: readonly Finding[], io: Io): string {
  const { green, yellow, dim } = paint(io.stdout, io.env)
  const signs = { good: green('✓'), lacking: yellow('✗'), known: dim('·') }
  const indent = Math.max(...findings.map(({ what }) => what.length)) + 4
  const width = Math.max(20, io.stdout.columns - indent)
  const lines = findings.flatMap(({ what, state, detail, fix }) => {
    const [first = '', ...more] = wrapped(detail, width)
    const fixes = fix === undefined ? [] : wrapped(`fix: ${fix}`, width)
    const head = `${signs[state]} ${what.padEnd(indent - 2)}${first}`
    return [head, ...[...more, ...fixes].map((line) => ' '.repeat(indent) + line)]
  })
  return `${lines.join('\n')}\n`
}

/** Broken at spaces; a word that is longer than a line has one of its own. */
function wrapped(sentence: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of oneLine(sentence).split(' ')) {
    const line = lines.at(-1)
    const longer = `${line ?? ''} ${word}`
    if (line === undefined || stringWidth(longer) > width) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}
