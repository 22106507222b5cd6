/** Starts a real engine, in its own process, for the tests of one file. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Ollama } from 'ollama'
import { afterAll, beforeAll } from 'vitest'
import { z } from 'zod'
import { startEngine, type EngineProcess } from '../../src/embedded/engine-process.ts'

export const model = 'exp-embedded:latest'

export interface RunningEngine {
  readonly process: EngineProcess
  readonly client: Ollama
  post(route: string, body: unknown, signal?: AbortSignal): Promise<Answer>
  /** The log so far, including lines of single requests. */
  readonly lines: readonly string[]
  /** Waits for all lines that were written before the call, because the log may arrive later than an answer. */
  writtenLines(): Promise<readonly string[]>
}

export interface Answer {
  readonly status: number
  readonly text: string
}

/** Starts an engine before the file's tests and stops it after them. */
export function engineForTests(env: Readonly<Record<string, string>> = {}): () => RunningEngine {
  const started: RunningEngine[] = []
  beforeAll(async () => {
    started.push(await runEngine(env))
  })
  afterAll(async () => {
    await started[0]?.process.stop()
  })
  return () => {
    const [engine] = started
    if (engine === undefined) throw new Error('the engine is not running')
    return engine
  }
}

export async function runEngine(env: Readonly<Record<string, string>>): Promise<RunningEngine> {
  const lines: string[] = []
  const process = await startEngine({
    env,
    models: [model, 'qwen3:0.6b'],
    signal: new AbortController().signal,
    onLog: (line) => lines.push(line),
  })
  return {
    process,
    lines,
    client: new Ollama({ host: process.url }),
    post: async (route, body, signal) => {
      const response = await fetch(process.url + route, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal && { signal }),
      })
      return { status: response.status, text: await response.text() }
    },
    writtenLines: async () => {
      const mark = `/${randomUUID()}`
      await fetch(process.url + mark)
      await until(() => lines.some((line) => line.includes(mark)))
      return lines
    },
  }
}

/** Schema of the last line of an answer. Figures that are zero are absent. */
export const finalLine = z.object({
  done: z.literal(true),
  done_reason: z.string(),
  total_duration: z.int().positive(),
  load_duration: z.int().nonnegative().default(0),
  prompt_eval_count: z.int().default(0),
  prompt_eval_cached_count: z.int().default(0),
  prompt_eval_duration: z.int().default(0),
  eval_count: z.int().default(0),
  eval_duration: z.int().default(0),
})
export type FinalLine = z.infer<typeof finalLine>

export const parseLines = (text: string): readonly unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))

export const lastLine = (text: string): FinalLine => finalLine.parse(parseLines(text).at(-1))

/** Parses a JSON text with a schema. */
export const parseAs = <T>(schema: z.ZodType<T>, text: string): T => schema.parse(JSON.parse(text))

export const generated = z.object({ response: z.string(), done_reason: z.string().optional() })
export const refused = z.object({ error: z.string() })

/** A format whose answer is a string of exactly `length` characters. */
export const textOf = (length: number): object => ({
  type: 'string',
  minLength: length,
  maxLength: length,
})

export async function collect<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** Creates an empty folder; returns it with a function that removes it. */
export function temporaryFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'exp-embedded-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A format whose answer takes minutes. */
export const endlessText: object = { type: 'array', minItems: 900, items: textOf(1500) }

/** Waits until the condition holds; throws after fifty seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 50_000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('the condition did not become true within fifty seconds')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
