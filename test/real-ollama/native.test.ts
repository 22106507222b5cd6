/** Runs on real Ollama servers: what the reports and records say is what the log, `/api/ps` and the flags say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeRecords } from './records.ts'
import { Project } from '../support/project.ts'
import {
  builtOllama,
  realModel,
  serveOllama,
  useOllama,
  watchRunners,
} from '../support/real-ollama.ts'

const timeoutMs = 600_000

describe.each(['0.11.3', '0.20.0'])('a real Ollama %s', async (version) => {
  const program = await builtOllama(version)
  describe.skipIf(program === undefined)('as a process of its own', () => {
    const project = new Project()
    let models = ''
    beforeAll(async () => {
      models = await useOllama(project, program ?? '', version)
    }, timeoutMs)
    afterAll(() => project.remove())

    it(
      'embeds one or several inputs a request',
      async () => {
        project.write('experiments/embed.yaml', embedExperiment(version))
        const run = await project.exp('run', 'experiments/embed.yaml', '--yes')
        expect(run.code, run.stderr).toBe(0)
        const report = project.read('reports/embed/README.md')
        expect(report).toContain('Inputs embedded')
        expect(report).toMatch(/Success rate \| 100% \(12\/12\) \| 100% \(12\/12\)/)
      },
      timeoutMs,
    )

    it(
      'has the slots and the context that were requested, and the report says so',
      async () => {
        project.write('experiments/slots.yaml', slotsExperiment(version))
        const runners = watchRunners(models)
        const run = await project.exp('run', 'experiments/slots.yaml', '--yes')
        const commands = [...runners.stop()]
        expect(run.code, run.stderr).toBe(0)
        const facts = decodeRecords(project, 'slots')
        expect(facts('one')).toMatchObject({
          serverVersion: version,
          slots: 1,
          contextLength: 1024,
          threads: 1,
          computeDevice: 'CPU',
          quantization: 'Q4_1',
        })
        expect(facts('four')).toMatchObject({ slots: 4, contextLength: 1024 })
        expect(facts('large')).toMatchObject({
          contextLength: 8192,
          serverWarnings: '["context-too-large"]',
        })
        // Later versions pass these in a request to the process instead.
        if (version === '0.11.3')
          expect(new Set(commands.map(slotsAndContext))).toEqual(seenIn(facts))
        const report = project.read('reports/slots/README.md')
        expect(report).toContain('OLLAMA_NUM_PARALLEL=4  # took effect: parallel slots 1 → 4')
        expect(report).toContain('num_ctx: 16384  # not in effect: the model was trained for 8,192')
        expect(report).toMatch(/^\| \*\*Parallel slots\*\* \| 1 \| 4 \| 1 \|$/m)
        expect(report).toMatch(/^\| \*\*Context\*\* \| 1,024 \| 1,024 \| 8,192 \|$/m)
        expect(report).toContain('large sets `num_ctx: 16384`, but the model was trained for 8,192')
        expect((await project.exp('check')).code).toBe(0)
      },
      timeoutMs,
    )

    it(
      'says whether flash attention and the cache type are in effect, and counts reloads',
      async () => {
        project.write('experiments/memory.yaml', memoryExperiment(version))
        const run = await project.exp('run', 'experiments/memory.yaml', '--yes')
        expect(run.code, run.stderr).toBe(0)
        const facts = decodeRecords(project, 'memory')
        expect(facts('kept')).toMatchObject({ kvCacheType: 'f16', loadCount: 0 })
        expect(facts('quantized')).toMatchObject(quantizedCache[version] ?? {})
        expect(facts('unloaded')['loadCount']).toBeGreaterThanOrEqual(2)
        expect(project.read('reports/memory/README.md')).toContain('next request loads it again')
      },
      timeoutMs,
    )

    // Requests reach the queue only for a moment, so that it overflows if many come at once. In later versions,
    // requests for a loaded model do not enter it.
    if (version === '0.11.3')
      it(
        'refuses requests beyond its queue, and is then not called the best',
        async () => {
          project.write('experiments/queue.yaml', queueExperiment(version))
          const run = await project.exp('run', 'experiments/queue.yaml', '--yes')
          expect(run.code, run.stderr).toBe(0)
          const report = project.read('reports/queue/README.md')
          expect(report).toMatch(/^- ⚠️ short: \d+ of 96 requests failed/m)
          expect(report).toContain('⛔ requests failed')
          expect(report).not.toMatch(/short.*✅ best/)
        },
        timeoutMs,
      )

    it(
      'is measured by its URL too, without being stopped or reloaded',
      async () => {
        const server = await serveOllama(program ?? '', models, { OLLAMA_NUM_PARALLEL: '2' })
        try {
          project.write('experiments/url.yaml', urlExperiment(server.url))
          const run = await project.exp('run', 'experiments/url.yaml', '--yes')
          expect(run.code, run.stderr).toBe(0)
          expect(decodeRecords(project, 'url')('server')).toMatchObject({ serverVersion: version })
          expect((await fetch(`${server.url}/api/version`)).ok).toBe(true)
        } finally {
          await server.stop()
        }
      },
      timeoutMs,
    )
  })
})

/** The flags of a runner, such as `4 slots, 4096 tokens`: its context is that of all slots together. */
function slotsAndContext(command: string): string {
  const flag = (name: string) => new RegExp(`--${name} (\\d+)`).exec(command)?.[1] ?? 'no'
  return `${flag('parallel')} slots, ${flag('ctx-size')} tokens`
}

/** The same of each config, from the facts in its records. */
function seenIn(facts: (config: string) => Record<string, unknown>): ReadonlySet<string> {
  const texts = ['one', 'four', 'large'].map((config) => {
    const { slots, contextLength } = facts(config)
    return `${Number(slots)} slots, ${Number(slots) * Number(contextLength)} tokens`
  })
  return new Set(texts)
}

/** On a CPU, 0.11.3 refuses flash attention, and so a quantized cache. */
const quantizedCache: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '0.11.3': {
    flashAttention: 'off',
    kvCacheType: 'f16',
    serverWarnings: '["cache-type-ignored","flash-attention-unsupported"]',
  },
  '0.20.0': { flashAttention: 'on', kvCacheType: 'q8_0' },
}

const common = (load: string) => `locale: en
model: "${realModel}"
dataset: {name: questions, samples: [{text: Name a colour.}, {text: Name an animal.}, {text: Count to five.}]}
workload:
  api: chat
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 16, num_ctx: 1024}
  load: ${load}
  warmup: {requests: 2}
rounds: 1
`
const embedExperiment = (version: string) => `title: Embeddings
locale: en
model: "${realModel}"
dataset: {name: passages, samples: [{text: one}, {text: two}, {text: three}]}
workload:
  api: embed
  prompt: "passage: {{text}}"
  load: {users: 1, requests: 6}
  warmup: {requests: 1}
rounds: 2
configs:
  one: {target: {process: {version: "${version}"}}}
  four: {from: one, workload: {batch: 4}}
`
const slotsExperiment = (version: string) => `title: Slots
${common('{users: 3, requests: 12}')}
configs:
  one: {target: {process: {version: "${version}"}}, env: {OLLAMA_NUM_PARALLEL: 1}}
  four: {from: one, env: {OLLAMA_NUM_PARALLEL: 4}}
  large: {from: one, options: {num_ctx: 16384}}
baseline: one
`
const queueExperiment = (version: string) => `title: Queue
${common('{users: 32, requests: 96}')}
configs:
  long: {target: {process: {version: "${version}"}}, env: {OLLAMA_NUM_PARALLEL: 1}}
  short: {from: long, env: {OLLAMA_MAX_QUEUE: 1}}
baseline: long
`
const memoryExperiment = (version: string) => `title: Memory
${common('{rate: 0.25/s, arrival: constant, duration: 16s}')}
configs:
  kept: {target: {process: {version: "${version}"}}, env: {OLLAMA_KEEP_ALIVE: -1}}
  quantized: {from: kept, env: {OLLAMA_FLASH_ATTENTION: 1, OLLAMA_KV_CACHE_TYPE: q8_0}}
  unloaded: {from: kept, env: {OLLAMA_KEEP_ALIVE: 1s}}
baseline: kept
`
const urlExperiment = (url: string) => `title: By URL
${common('{users: 1, requests: 6}')}
configs:
  server: {target: {url: "${url}"}}
`
