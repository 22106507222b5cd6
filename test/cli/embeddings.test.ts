/** Measures embeddings of the embedded engine. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { Project } from '../support/project.ts'

const experiment = `title: Embeddings
locale: [en, zh-CN]
model: any:1b
dataset: {name: passages, samples: [{text: one}, {text: two words}, {text: and three words}]}
workload:
  api: embed
  prompt: "passage: {{text}}"
  load: {users: 1, requests: 6}
  warmup: {requests: 1}
rounds: 2
configs:
  one: {target: embedded}
  eight: {from: one, workload: {batch: 8}}
show: [ttftMean]
`

const request = z.object({
  type: z.literal('request'),
  phase: z.literal('measured'),
  outcome: z.string(),
  promptTokens: z.number(),
  outputTokens: z.undefined().optional(),
})

describe('embeddings', () => {
  it('are counted by input; what rests on answers is absent, with the reason', async () => {
    const project = new Project()
    project.write('experiments/embed.yaml', experiment)
    const io = memoryIo(project.root)
    expect(await runCommandLine(['run', 'experiments/embed.yaml', '--json'], io), io.err()).toBe(0)
    const { configs } = z
      .object({
        configs: z.record(
          z.string(),
          z.object({
            figures: z.record(
              z.string(),
              z.object({ value: z.number().optional(), absent: z.string().optional() }),
            ),
          }),
        ),
      })
      .parse(JSON.parse(io.out()))
    const [one, eight] = [configs['one']?.figures, configs['eight']?.figures]
    expect(one?.['inputRate']?.value).toBe(one?.['qps']?.value)
    const [rate = 0, qps = 0] = [eight?.['inputRate']?.value, eight?.['qps']?.value]
    expect(rate / qps).toBeCloseTo(8, 6)
    for (const metric of ['throughput', 'ttftMean', 'decodeSpeed', 'outputTokens', 'prefill'])
      expect(one?.[metric]).toMatchObject({ absent: 'embeddings' })
    expect(project.read('reports/embed/README.md')).toContain('embeddings have no answer')
    expect(project.read('reports/embed/README.zh-CN.md')).toContain('向量没有回答')
    const stored = project
      .list('reports/embed/results')
      .flatMap((name) => project.read(`reports/embed/results/${name}`).trimEnd().split('\n'))
    const requests = stored.flatMap((line) => request.safeParse(JSON.parse(line)).data ?? [])
    expect(requests).toHaveLength(24)
    expect(new Set(requests.map(({ outcome }) => outcome))).toEqual(new Set(['ok']))
    // The vectors are not stored.
    expect(Math.max(...stored.map(({ length }) => length))).toBeLessThan(4000)
    project.remove()
  })
})
