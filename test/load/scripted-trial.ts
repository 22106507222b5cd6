/** Runs the load of a trial against a scripted server, for the tests of this room. */
import { afterEach } from 'vitest'
import { runLoad } from '../../src/load/load.ts'
import type {
  LoadDependencies,
  LoadPlan,
  LoadResult,
  SampleRequest,
} from '../../src/load/load-plan.ts'
import { OllamaClient } from '../../src/ollama/client.ts'
import { prepareRequest } from '../../src/ollama/generation.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { ScriptedOllama } from '../support/scripted-ollama.ts'
import type { ScriptedOptions } from '../support/scripted-ollama.ts'
import { seededRandom } from '../support/random.ts'

/** No test may depend on the speed of this machine. */
export const pollOptions = { timeout: 30_000, interval: 1 }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Starts a server that is closed after the test. */
export async function startServer(options: ScriptedOptions = {}): Promise<ScriptedOllama> {
  const server = await ScriptedOllama.start(options)
  closing.push(() => server.close())
  return server
}

export const defaultPlan: LoadPlan = {
  load: { kind: 'closed-requests', users: 3, requests: 12 },
  warmupRequests: 0,
  samples: ['c01', 'c02', 'c03', 'c04', 'c05'],
  timeoutMs: 60_000,
  idleLoopDelayP99Ms: 1.1,
}

export interface Trial {
  readonly result: LoadResult
  readonly records: readonly RequestRecord[]
  readonly server: ScriptedOllama
  readonly tookMs: number
  readonly sampleRequests: readonly SampleRequest[]
}

/** Runs a trial against a new server. */
export async function run(
  plan: Partial<LoadPlan>,
  scripted: ScriptedOptions,
  deps: Partial<LoadDependencies> = {},
): Promise<Trial> {
  return runAgainst(await startServer(scripted), plan, deps)
}

export async function runAgainst(
  server: ScriptedOllama,
  plan: Partial<LoadPlan>,
  deps: Partial<LoadDependencies> = {},
): Promise<Trial> {
  const client = new OllamaClient({ baseUrl: server.url })
  closing.push(() => client.close())
  const records: RequestRecord[] = []
  const sampleRequests: SampleRequest[] = []
  const trialStart = performance.now()
  const result = await runLoad(
    { ...defaultPlan, ...plan },
    {
      generate: (request, options) => client.generate(request, options),
      prepare: (sampleRequest) => {
        sampleRequests.push(sampleRequest)
        const { phase, sampleIndex, occurrence } = sampleRequest
        const prompt = `${phase} ${sampleIndex} ${occurrence}`
        const request = prepareRequest({ api: 'chat', model: 'm', prompt, options: {} })
        return { request, prompt }
      },
      evaluate: ({ sampleIndex }) => ({ scores: { exact: sampleIndex } }),
      write: (record) => records.push(record),
      now: () => performance.now(),
      trialStart,
      random: seededRandom(5),
      pauseRandom: (user) => seededRandom(100 + user),
      signal: new AbortController().signal,
      ...deps,
    },
  )
  return { result, records, server, tookMs: performance.now() - trialStart, sampleRequests }
}
