/**
 * Compares the load generator (closed loop, 64 users, every record written to disk) against a server that answers at
 * once to a bare undici loop that parses each line, to the official client in the same loop, and to autocannon,
 * which parses nothing. They run alternately in short repeats, each repeat starting with another one, so that
 * other load on the machine slows all of them. Figures are medians.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { Ollama } from 'ollama'
import { Pool } from 'undici'
import { runLoad } from '../../src/load/load.ts'
import { OllamaClient } from '../../src/ollama/client.ts'
import { prepareRequest } from '../../src/ollama/generation.ts'
import { Redactor } from '../../src/results/redact.ts'
import { TrialWriter } from '../../src/results/trial-writer.ts'
import { median } from './median.ts'

export const name = 'load generator, 64 users'

const users = 64
const seconds = 0.5
const repeats = 16
const prompt = '判断下面的漫画评论是否为广告：加V看全集，资源秒发'

export interface LoadResult {
  readonly tokens: number
  /** Requests per second of each contender. */
  readonly rates: Readonly<Record<Contender, number>>
  /** Our rate divided by the rate of the bare loop. Aim: at least 0.8. */
  readonly toBare: number
  /** Our rate divided by the rate of the official client. Aim: at least 5 (1 token) or 3 (64 tokens). */
  readonly toOfficial: number
}

const contenders = { ours, bare, official, cannon }
type Contender = keyof typeof contenders
const names: readonly Contender[] = ['ours', 'bare', 'official', 'cannon']

/** One result for 1 token per stream, and one for 64. */
export async function run(): Promise<readonly LoadResult[]> {
  return [await measure(1), await measure(64)]
}

async function measure(tokens: number): Promise<LoadResult> {
  const server = fork(new URL('./instant-server.ts', import.meta.url), [String(tokens)])
  try {
    const [port] = (await once(server, 'message')) as [number]
    const url = `http://127.0.0.1:${port}`
    const seen = new Map(names.map((contender) => [contender, Array<number>()]))
    for (let repeat = 0; repeat <= repeats; repeat += 1)
      for (const contender of orderOf(repeat)) {
        const rate = await contenders[contender](url)
        // The first pass warms up.
        if (repeat > 0) seen.get(contender)?.push(rate)
      }
    const rate = (contender: Contender) => median(seen.get(contender) ?? [])
    // Ratios within a repeat, so that both sides ran under the same conditions.
    const toOther = (other: Contender) =>
      median(
        (seen.get('ours') ?? []).map((ours, repeat) => ours / (seen.get(other)?.[repeat] ?? NaN)),
      )
    const rates = {
      ours: rate('ours'),
      bare: rate('bare'),
      official: rate('official'),
      cannon: rate('cannon'),
    }
    return { tokens, rates, toBare: toOther('bare'), toOfficial: toOther('official') }
  } finally {
    server.kill()
  }
}

function orderOf(repeat: number): readonly Contender[] {
  const first = repeat % names.length
  return [...names.slice(first), ...names.slice(0, first)]
}

async function ours(url: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-bench-'))
  const writer = new TrialWriter(join(folder, 'trial.jsonl'), new Redactor())
  const client = new OllamaClient({ baseUrl: url })
  try {
    await client.connect(users)
    const durationMs = seconds * 1000
    const startedAt = performance.now()
    const { counts } = await runLoad(
      {
        load: { kind: 'closed-duration', users, durationMs, atLeast: 0, atMostMs: durationMs },
        warmupRequests: 0,
        samples: ['c01', 'c02', 'c03'],
        timeoutMs: 60_000,
        idleLoopDelayP99Ms: 1,
      },
      {
        generate: (request, options) => client.generate(request, options),
        prepare: () => ({ request: chat() }),
        evaluate: () => ({ scores: { exact: 1 } }),
        write: (record) => writer.append(record),
        now: () => performance.now(),
        trialStart: startedAt,
        random: () => 0.5,
        pauseRandom: () => () => 0.5,
        signal: new AbortController().signal,
      },
    )
    const tookMs = performance.now() - startedAt
    await writer.close()
    return (counts.ok / tookMs) * 1000
  } finally {
    await client.close()
    await rm(folder, { recursive: true })
  }
}

function chat(): ReturnType<typeof prepareRequest> {
  return prepareRequest({ api: 'chat', model: 'm', prompt, options: { temperature: 0 } })
}

async function bare(url: string): Promise<number> {
  const pool = new Pool(url, { connections: users })
  const rate = await closedLoop(async () => {
    const { body } = await pool.request({
      path: '/api/chat',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: prompt }] }),
    })
    const decoder = new TextDecoder()
    let rest = ''
    let done = false
    for await (const chunk of body) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) done = (JSON.parse(line) as { done: boolean }).done
    }
    if (!done) throw new Error('an incomplete answer')
  })
  await pool.close()
  return rate
}

async function official(url: string): Promise<number> {
  const client = new Ollama({ host: url })
  return closedLoop(async () => {
    const messages = [{ role: 'user', content: prompt }]
    let done = false
    for await (const part of await client.chat({ model: 'm', messages, stream: true }))
      done = part.done
    if (!done) throw new Error('an incomplete answer')
  })
}

async function cannon(url: string): Promise<number> {
  const result = await autocannon({
    url: `${url}/api/chat`,
    connections: users,
    // autocannon accepts whole seconds only.
    duration: Math.ceil(seconds),
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(chat().body),
  })
  return result.requests.total / result.duration
}

/** Requests per second of the users, each of which sends the next request when the last one has ended. */
async function closedLoop(sendRequest: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  const deadline = startedAt + seconds * 1000
  let sent = 0
  const user = async () => {
    while (performance.now() < deadline) {
      await sendRequest()
      sent += 1
    }
  }
  await Promise.all(Array.from({ length: users }, user))
  return sent / ((performance.now() - startedAt) / 1000)
}
