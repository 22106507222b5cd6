/** Runs `child.ts` under limits, and collects the inputs that a command did not survive. */
import { fork } from 'node:child_process'
import path from 'node:path'
import type { Message } from './child.ts'
import type { Kind } from './inputs.ts'

export interface FuzzResult {
  /** A line for each problem: the kind of input, its number, what happened. Empty if there is none. */
  readonly problems: readonly string[]
  readonly inputs: number
  readonly maxCpuMs: number
  readonly maxMemoryBytes: number
}

export const maxMemoryBytes = 512 * 1024 * 1024
/** Of memory for values; the rest of the 512 MB is for the program. */
const maxHeapMegabytes = 320
/**
 * A child that handles one input for this long hangs. It is far more than 10 s of CPU, because the machine may be busy.
 */
const maxWaitMs = 120_000

/** @param count the number of inputs */
export function fuzz(kind: Kind, seed: number, count: number): Promise<FuzzResult> {
  const child = fork(
    path.join(import.meta.dirname, 'child.ts'),
    [kind, String(seed), String(count)],
    {
      execArgv: ['--import', 'tsx', `--max-old-space-size=${maxHeapMegabytes}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  )
  const problems: string[] = []
  let stderr = ''
  let current = 'before the first input'
  let result = { inputs: 0, maxCpuMs: 0, maxMemoryBytes: 0 }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const hangs = () => {
    problems.push(`${current}: no end after ${maxWaitMs / 1000} s`)
    child.kill('SIGKILL')
  }
  let watchdog = setTimeout(hangs, maxWaitMs)
  child.on('message', (message: Message) => {
    clearTimeout(watchdog)
    watchdog = setTimeout(hangs, maxWaitMs)
    if (message.type === 'start') {
      current = `${kind} ${message.index} of seed ${seed} (${message.file})`
      result = { ...result, inputs: message.index + 1 }
    } else if (message.type === 'problem') problems.push(`${current}: ${message.problem}`)
    else result = { ...result, ...message }
  })
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearTimeout(watchdog)
      if (code !== 0 && signal !== 'SIGKILL')
        problems.push(
          `${current}: the process ended with ${code ?? signal ?? ''}\n${stderr.slice(-4000)}`,
        )
      if (result.maxMemoryBytes > maxMemoryBytes)
        problems.push(`${kind}, seed ${seed}: ${result.maxMemoryBytes} bytes of memory`)
      resolve({ problems, ...result })
    })
  })
}
