/**
 * The load generator as `exp run` uses it, in a process of its own. Arguments: the server's URL, users, requests per
 * user. Prints a line per request: its id, when it was sent, when the first and the last byte arrived (nanoseconds of
 * the system's monotonic clock). The last line is the CPU time of the load in nanoseconds.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runLoad } from '../../../src/load/load.ts'
import { OllamaClient } from '../../../src/ollama/client.ts'
import { prepareRequest } from '../../../src/ollama/generation.ts'
import { openRunQueue } from '../../../src/host/processes/run-queue.ts'
import { steadyEngine } from '../../../src/host/processes/steady-engine.ts'
import type { Generation } from '../../../src/ollama/generation.ts'
import type { RequestRecord } from '../../../src/results/record.ts'
import { rehearse } from '../../../src/run/rehearsal.ts'
import { Redactor } from '../../../src/results/redact.ts'
import { TrialWriter } from '../../../src/results/trial-writer.ts'

const [url = '', users = '', rounds = ''] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'exp-bench-'))
const writer = new TrialWriter(join(folder, 'trial.jsonl'), new Redactor())
const { runQueue } = openRunQueue()
const client = new OllamaClient({ baseUrl: url, runQueue })
const delays: Generation['readDelays'][] = []
const records: RequestRecord[] = []
/** In nanoseconds: how late the first token and the last byte were read, as the load generator estimates it. */
const estimates = (delays: Generation['readDelays']) =>
  [delays?.firstToken, delays?.last].map((ms = NaN) => Math.round(ms * 1e6)).join(' ')
let id = 0
try {
  await rehearse(runQueue, new AbortController().signal)
  await client.connect(Number(users))
  const trialStart = performance.now()
  // Both are the system's monotonic clock, but count from different starts.
  const startNs =
    process.hrtime.bigint() - BigInt(Math.round((performance.now() - trialStart) * 1e6))
  const cpu = process.cpuUsage()
  await runLoad(
    {
      load: {
        kind: 'closed-requests',
        users: Number(users),
        requests: Number(users) * Number(rounds),
      },
      warmupRequests: 0,
      samples: ['c01', 'c02', 'c03'],
      timeoutMs: 60_000,
      idleLoopDelayP99Ms: 1,
    },
    {
      generate: async (request, options) => {
        const generation = await client.generate(request, options)
        delays.push(generation.readDelays)
        return generation
      },
      prepare: () => {
        const prompt = `#${id++}`
        return { request: prepareRequest({ api: 'chat', model: 'm', prompt, options: {} }), prompt }
      },
      evaluate: (_, { content }) => ({
        scores: { exact: 1 },
        answerDigest: createHash('sha256').update(content).digest('hex').slice(0, 16),
      }),
      write: (record) => {
        records.push(record)
        writer.append(record)
      },
      now: () => performance.now(),
      trialStart,
      random: () => 0.5,
      pauseRandom: () => () => 0.5,
      signal: new AbortController().signal,
      onWarmupEnd: steadyEngine,
      onProgress: () => undefined,
    },
  )
  const { user, system } = process.cpuUsage(cpu)
  const at = (ms: number) => String(startNs + BigInt(Math.round(ms * 1e6)))
  for (const [
    index,
    { prompt = '', sentMs, firstByteMs = NaN, endMs, outcome },
  ] of records.entries()) {
    if (outcome !== 'ok') throw new Error(`a request ended as ${outcome}`)
    console.log(
      `${prompt.slice(1)} ${at(sentMs)} ${at(firstByteMs)} ${at(endMs)} ${estimates(delays[index])}`,
    )
  }
  console.log(String((user + system) * 1000))
  await writer.close()
} finally {
  await client.close()
  await rm(folder, { recursive: true })
}
