/** Conversations with a real Ollama, in a short form: what each turn carries, no figures. */
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Project } from '../support/project.ts'
import { describeRealOllama, realModel, realOllamaTimeoutMs } from '../support/real-ollama.ts'

const version = '0.20.0'
const turnRecord = z.object({
  type: z.literal('request'),
  phase: z.literal('measured'),
  outcome: z.literal('ok'),
  sample: z.string(),
  turn: z.number(),
  promptTokens: z.number(),
  outputTokens: z.number(),
})

await describeRealOllama('conversations with a real Ollama', version, (project) => {
  it(
    'carry the answers of the server from turn to turn, and show the turns in the report',
    async () => {
      project.write('experiments/talk.yaml', experiment)
      const run = await project.exp('run', 'experiments/talk.yaml', '--yes')
      expect(run.code, run.stderr).toBe(0)
      const turns = measuredTurns(project)
      expect(turns.map(({ turn }) => turn)).toEqual([1, 2, 3, 1, 2, 3])
      for (const [index, { turn, promptTokens }] of turns.entries()) {
        const before = turns[index - 1]
        if (turn === 1 || before === undefined) continue
        expect(promptTokens).toBeGreaterThan(before.promptTokens + before.outputTokens)
      }
      const report = project.read('reports/talk/README.md')
      expect(report).toContain('talks (1 conversation, 3 turns)')
      expect(report).toMatch(/^\| server \| 3 \| 2 \|/m)
      expect((await project.exp('check')).code).toBe(0)
    },
    realOllamaTimeoutMs,
  )
})

function measuredTurns(project: Project): readonly z.infer<typeof turnRecord>[] {
  const folder = 'reports/talk/results'
  return project
    .list(folder)
    .flatMap((name) => project.read(`${folder}/${name}`).trimEnd().split('\n'))
    .flatMap((line) => {
      const record = turnRecord.safeParse(JSON.parse(line))
      return record.success ? [record.data] : []
    })
}

const experiment = `title: Conversations
locale: en
model: "${realModel}"
dataset:
  name: talks
  samples:
    - id: tent
      turns: [{text: We look for a tent for two.}, {text: Is it waterproof?}, {text: How heavy is it?}]
workload:
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 12, num_thread: 1}
  load: {users: 1, requests: 6}
  warmup: {requests: 1}
rounds: 1
configs:
  server: {target: {process: {version: ${version}}}}
`
