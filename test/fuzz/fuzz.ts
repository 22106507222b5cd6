/** Runs `child.ts` under limits, and collects the inputs that a command did not survive. */
import { fork } from 'node:child_process'
import path from 'node:path'
import type { Kind } from './inputs.ts'

/** Inputs of one kind and seed: `count` of them, beginning with the one at the index `from`. */
export interface Task {
  readonly kind: Kind
  readonly seed: number
  readonly from: number
  readonly count: number
}

/** What a child says of an input before its commands and after them, and at its own end. */
export type Message =
  | { readonly type: 'start'; readonly task: number; readonly index: number; readonly file: string }
  | {
      readonly type: 'end'
      readonly cpuMs: number
      /** The most that the process has used so far. */
      readonly memoryBytes: number
      readonly problem?: string
    }
  | { readonly type: 'done' }

export interface FuzzResult {
  readonly kind: Kind
  /** A line for each problem: the kind of input, its index and seed, what happened. Empty if there is none. */
  readonly problems: readonly string[]
  readonly inputs: number
  /** Of the slowest input. */
  readonly maxCpuMs: number
  /** The most that a process had used after an input, with what it used for the inputs before. */
  readonly maxMemoryBytes: number
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }
type Collected = Writable<FuzzResult> & { readonly problems: string[] }

export const maxCpuMs = 10_000
export const maxMemoryBytes = 512 * 1024 * 1024
/** Of memory for values; the rest of the 512 MB is for the program. */
const maxHeapMegabytes = 320
/**
 * A child that handles one input for this long hangs. It is far more than 10 s of CPU, because the machine may be busy.
 * It is counted in ticks, so that a time in which the machine slept does not count.
 */
const maxWaitTicks = 120
const tickMs = 1000

/**
 * Runs the tasks one after another in one process, because its start takes as long as dozens of inputs. If an input
 * ends the process, another process goes on with the next input.
 */
export async function fuzz(tasks: readonly Task[]): Promise<readonly FuzzResult[]> {
  const results = tasks.map(({ kind }): Collected => ({
    kind,
    problems: [],
    inputs: 0,
    maxCpuMs: 0,
    maxMemoryBytes: 0,
  }))
  let left = tasks
  while (left.length > 0) left = await runChild(left, results.slice(-left.length))
  return results
}

type Started = Extract<Message, { type: 'start' }>

/** @returns the tasks that are left if an input ended the process */
function runChild(tasks: readonly Task[], results: readonly Collected[]): Promise<readonly Task[]> {
  const child = fork(path.join(import.meta.dirname, 'child.ts'), [JSON.stringify(tasks)], {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${maxHeapMegabytes}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  let current: Started | undefined
  let end = 'the process ended'
  let isDone = false
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let ticks = 0
  const watchdog = setInterval(() => {
    ticks += 1
    if (ticks < maxWaitTicks) return
    end = `no end after ${(maxWaitTicks * tickMs) / 1000} s`
    child.kill('SIGKILL')
  }, tickMs)
  child.on('message', (message: Message) => {
    ticks = 0
    if (message.type === 'done') isDone = true
    else if (message.type === 'start') {
      current = message
      const result = results[message.task]
      if (result) result.inputs += 1
    } else if (current !== undefined) collect(message, current, tasks, results)
  })
  return new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => {
      clearInterval(watchdog)
      const problem = `${end} (${signal ?? code ?? ''})\n${stderr.slice(-4000)}`
      if (isDone) resolve([])
      else if (current === undefined) reject(new Error(`before the first input: ${problem}`))
      else {
        addProblem(problem, current, tasks, results)
        resolve(tasksAfter(current, tasks))
      }
    })
  })
}

function collect(
  { cpuMs, memoryBytes, problem }: Extract<Message, { type: 'end' }>,
  current: Started,
  tasks: readonly Task[],
  results: readonly Collected[],
): void {
  const result = results[current.task]
  if (result === undefined) return
  result.maxCpuMs = Math.max(result.maxCpuMs, cpuMs)
  result.maxMemoryBytes = Math.max(result.maxMemoryBytes, memoryBytes)
  if (problem !== undefined) addProblem(problem, current, tasks, results)
}

function addProblem(
  problem: string,
  { task, index, file }: Started,
  tasks: readonly Task[],
  results: readonly Collected[],
): void {
  const seed = tasks[task]?.seed ?? ''
  const result = results[task]
  result?.problems.push(`${result.kind} ${index} of seed ${seed} (${file}): ${problem}`)
}

/** The tasks without the inputs up to the current one. */
function tasksAfter(current: Started, tasks: readonly Task[]): readonly Task[] {
  return tasks.slice(current.task).map((task, at) => {
    if (at > 0) return task
    const from = current.index + 1
    return { ...task, from, count: task.from + task.count - from }
  })
}
