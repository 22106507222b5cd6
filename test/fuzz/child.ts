/**
 * Runs commands on damaged projects, in a process of its own whose memory and time the parent limits. Arguments: kind,
 * seed, number of inputs. Sends the parent a message before each input, and one with the problem if a command fails by
 * a bug, takes too long or lets a terminal code through.
 */
import fc from 'fast-check'
import { runCommandLine } from '../../src/cli/command-line.ts'
import type { Project } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'
import { fuzzedProject } from './fuzzed-project.ts'
import { inputsOf, type Input, type Kind } from './inputs.ts'

export type Message =
  | { readonly type: 'start'; readonly index: number; readonly file: string }
  | {
      readonly type: 'problem'
      readonly index: number
      readonly problem: string
      readonly input: Input
    }
  | { readonly type: 'done'; readonly maxCpuMs: number; readonly maxMemoryBytes: number }

const maxCpuMs = 10_000
const commands: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  experiment: [['validate', 'experiments/slots.yaml'], ['check']],
  result: [['check'], ['show', 'slots']],
  lock: [['check'], ['list'], ['show', 'slots']],
  block: [['check'], ['report', 'slots', '--stdout']],
  template: [['check']],
  pack: [['unpack', 'slots.exp.tgz', '--into', 'unpacked', '--yes']],
}
const terminalCode = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u

const [, , kind, seed, count] = process.argv
await run(kind as Kind, Number(seed), Number(count))

async function run(kind: Kind, seed: number, numRuns: number): Promise<void> {
  const project = await fuzzedProject()
  let worst = 0
  try {
    for (const [index, input] of inputsInBatches(kind, project, seed, numRuns)) {
      send({ type: 'start', index, file: input.file })
      const original = project.bytes(input.file)
      project.write(input.file, input.content)
      const before = process.cpuUsage()
      const problem = await problemOf(project, kind)
      const { user, system } = process.cpuUsage(before)
      const cpuMs = (user + system) / 1000
      worst = Math.max(worst, cpuMs)
      project.write(input.file, original)
      if (problem !== undefined) send({ type: 'problem', index, problem, input })
      else if (cpuMs > maxCpuMs)
        send({ type: 'problem', index, problem: `${cpuMs} ms of CPU`, input })
    }
  } finally {
    project.remove('.')
  }
  const maxMemoryBytes = process.resourceUsage().maxRSS * 1024
  send({ type: 'done', maxCpuMs: worst, maxMemoryBytes })
}

/** All inputs at once would need most of the memory that a command may use. */
function* inputsInBatches(
  kind: Kind,
  project: Project,
  seed: number,
  count: number,
): Generator<readonly [index: number, input: Input]> {
  const size = 25
  for (let from = 0; from < count; from += size) {
    const numRuns = Math.min(size, count - from)
    const batch = fc.sample(inputsOf(kind, project), { seed: seed * 1_000_003 + from, numRuns })
    for (const [at, input] of batch.entries()) yield [from + at, input]
  }
}

async function problemOf(project: Project, kind: Kind): Promise<string | undefined> {
  for (const args of commands[kind]) {
    const io = memoryIo(project.root)
    const code = await runCommandLine(args, io)
    const output = io.out() + io.err()
    if (code === 70) return `exp ${args.join(' ')}: ${output.slice(0, 4000)}`
    const [found] = terminalCode.exec(output) ?? []
    if (found !== undefined)
      return `exp ${args.join(' ')} printed U+${found.codePointAt(0)?.toString(16) ?? ''}`
  }
  return undefined
}

function send(message: Message): void {
  process.send?.(message)
}
