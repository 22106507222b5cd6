/** Builds a project whose config `native` starts its own `ollama serve`, and reads its stored trials. */
import { z } from 'zod'
import { manifestPath } from '../../src/targets/process/model-store.ts'
import { engineVersion, writeOllamaProgram } from '../support/ollama-program.ts'
import type { Project } from '../support/project.ts'
import { join } from 'node:path'

const model = 'qwen3:0.6b'
export const file = 'experiments/targets.yaml'

/**
 * Writes the program `ollama`, an exp.local.yaml that names it, a model store, and the experiment with these configs
 * besides `native`.
 */
export async function writeNative(
  project: Project,
  configs: string,
  { requests, rounds }: { readonly requests: number; readonly rounds: string },
): Promise<void> {
  await writeOllamaProgram(join(project.root, 'bin'))
  project.write(['models/manifests', ...manifestPath(model)].join('/'), '{}')
  project.write(
    'exp.local.yaml',
    `ollama:\n  binaries: {"${engineVersion}": bin/ollama}\n  models: models\n`,
  )
  project.write(
    file,
    `title: targets
question: what does a quota cost?
locale: en
model: "${model}"
dataset:
  name: words
  samples: [{id: s1, text: hello}, {id: s2, text: good morning}]
  checks: []
workload:
  api: chat
  prompt: "Say {{text}} back"
  options: {temperature: 0, seed: 1, num_predict: 16, num_ctx: 512, num_thread: 1}
  load: {users: 4, requests: ${requests}}
  warmup: {requests: 1}
  cache: cold
${rounds}
configs:
  native:
    target: {process: {version: "${engineVersion}"}}
    env: {OLLAMA_NUM_PARALLEL: 4, EXP_EMBEDDED_MODELS: "${model}"}
${configs}
baseline: native
`,
  )
}

const record = z.object({
  type: z.string(),
  when: z.string().optional(),
  outcome: z.string().optional(),
  reason: z.string().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
})

/** One trial: its facts before or after, its end record, and its whole text. */
export function trial(project: Project, config: string, round: number) {
  const folder = 'reports/targets/results'
  const name = project.list(folder).find((one) => one.endsWith(`-${config}-r${round}.jsonl`)) ?? ''
  const lines = project.read(`${folder}/${name}`).trimEnd().split('\n')
  const records = lines.map((line) => record.parse(JSON.parse(line)))
  const facts = (when: string) =>
    Object.assign(
      {},
      ...records.filter((one) => one.when === when).map((one) => one.facts),
    ) as Record<string, unknown>
  return { facts, end: records.find(({ type }) => type === 'end'), text: lines.join('\n') }
}
