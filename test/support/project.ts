/** A project in a temporary folder, in which the built program runs as a child process. */
import { spawn, type ChildProcess } from 'node:child_process'
import {
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  existsSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  /** Resolves when stderr matches the pattern; rejects if the program exits before. */
  untilStderr(pattern: RegExp): Promise<void>
}

const program = resolve('dist/cli/main.js')

/** The state folder of a project. Runs that share one wait for each other, so each project has its own by default. */
export function stateOf(root: string): string {
  return `${root}-state`
}

export class Project {
  readonly root = mkdtempSync(join(tmpdir(), 'exp-project-'))
  stateFolder = stateOf(this.root)

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.root, file)), { recursive: true })
    writeFileSync(join(this.root, file), text)
  }

  writeBytes(file: string, bytes: Uint8Array): void {
    writeFileSync(join(this.root, file), bytes)
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8')
  }

  has(file: string): boolean {
    return existsSync(join(this.root, file))
  }

  list(folder: string): readonly string[] {
    return this.has(folder) ? readdirSync(join(this.root, folder)).sort() : []
  }

  /** Starts `exp` with these arguments, without a terminal. */
  start(...args: readonly string[]): Running {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.root,
      env: { XDG_STATE_HOME: this.stateFolder, ...process.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const text = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
    const finished = new Promise<Finished>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal, ...text }))
    })
    const untilStderr = (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (pattern.test(text.stderr)) resolve()
        }
        child.stderr.on('data', look)
        look()
        void finished.then(() =>
          reject(new Error(`ended without ${String(pattern)}:\n${text.stderr}`)),
        )
      })
    return { child, finished, untilStderr }
  }

  exp(...args: readonly string[]): Promise<Finished> {
    return this.start(...args).finished
  }

  remove(): void {
    for (const folder of [this.root, stateOf(this.root)])
      rmSync(folder, { recursive: true, force: true })
  }
}

/** An experiment of two configs on the embedded engine that differ in their slots; a run takes a few seconds. */
export function smallExperiment(
  parts: { rounds?: number; requests?: number; extra?: string } = {},
): string {
  return `title: slots
question: do two slots help three users?
locale: en
model: tiny
dataset:
  name: greetings
  samples:
    - {id: s1, text: hello, expected: {word: hello}}
    - {id: s2, text: good morning, expected: {word: morning}}
  checks:
    - {name: word, field: word, measure: exact}
workload:
  api: chat
  prompt: "Say {{text}} back"
  options: {temperature: 0, seed: 1, num_predict: 8, num_ctx: 512}
  load: {users: 3, requests: ${parts.requests ?? 12}}
  warmup: {requests: 1}
rounds: ${parts.rounds ?? 2}
configs:
  one-slot:
    target: embedded
    env: {OLLAMA_NUM_PARALLEL: 1}
  two-slots:
    from: one-slot
    env: {OLLAMA_NUM_PARALLEL: 2}
baseline: one-slot
hypotheses:
  - id: H1
    statement: two slots are faster
    claim: {metric: latencyMean, config: two-slots, change: "<= -10%"}
${parts.extra ?? ''}`
}
