/**
 * Runs commands on damaged projects, in a process of its own whose memory and time the parent limits. Argument: the
 * tasks, as JSON. Sends the parent a message before each input and after it, the latter with the problem if a command
 * failed by a bug, took too long or let a terminal code through.
 */
import fc from 'fast-check'
import { runCommandLine } from '../../src/cli/command-line.ts'
import type { Project } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'
import { maxCpuMs, maxMemoryBytes, type Message, type Task } from './fuzz.ts'
import { fuzzedProject, projectWithShortReport } from './fuzzed-project.ts'
import { inputsOf, type Input, type Kind } from './inputs.ts'

const commands: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  experiment: [['validate', 'experiments/slots.yaml'], ['check']],
  result: [['check'], ['show', 'slots']],
  lock: [['check'], ['list'], ['show', 'slots']],
  block: [['check'], ['report', 'slots', '--stdout']],
  template: [['check']],
  pack: [['unpack', 'slots.exp.tgz', '--into', 'unpacked', '--yes']],
}
const terminalCode = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u

const tasks = JSON.parse(process.argv[2] ?? '') as readonly Task[]
const projects = new Map<typeof fuzzedProject, Project>()
try {
  for (const [place, task] of tasks.entries()) await run(task, place, await projectFor(task.kind))
  send({ type: 'done' })
} finally {
  for (const project of projects.values()) project.remove('.')
}

/** The project to damage, which all kinds of input share: each file is restored after its commands. */
async function projectFor(kind: Kind): Promise<Project> {
  const create = kind === 'block' ? projectWithShortReport : fuzzedProject
  const project = projects.get(create) ?? (await create())
  projects.set(create, project)
  return project
}

async function run(task: Task, place: number, project: Project): Promise<void> {
  for (const [index, input] of inputsInBatches(task, project)) {
    send({ type: 'start', task: place, index, file: input.file })
    const original = project.bytes(input.file)
    project.write(input.file, input.content)
    const before = process.cpuUsage()
    const problem = await problemOf(project, task.kind)
    const { user, system } = process.cpuUsage(before)
    project.write(input.file, original)
    const cpuMs = (user + system) / 1000
    const memoryBytes = process.resourceUsage().maxRSS * 1024
    const found = problem ?? (cpuMs > maxCpuMs ? `${cpuMs} ms of CPU` : undefined)
    send({ type: 'end', cpuMs, memoryBytes, ...(found !== undefined && { problem: found }) })
    // The most that this process has used never falls, so what later inputs use shows in a new process only.
    if (memoryBytes > maxMemoryBytes) throw new Error(`${memoryBytes} bytes of memory`)
  }
}

/**
 * All inputs at once would need most of the memory that a command may use. An input depends only on the kind, the seed
 * and its index.
 */
function* inputsInBatches(
  { kind, seed, from, count }: Task,
  project: Project,
): Generator<readonly [index: number, input: Input]> {
  const size = 25
  for (let start = from - (from % size); start < from + count; start += size) {
    const numRuns = Math.min(size, from + count - start)
    const batch = fc.sample(inputsOf(kind, project), { seed: seed * 1_000_003 + start, numRuns })
    for (const [at, input] of batch.entries()) if (start + at >= from) yield [start + at, input]
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
