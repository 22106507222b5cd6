/** Loads that requests really wait for: at the start, after a pause, and pushed out by another client. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { manifestPath } from '../../../src/targets/model-store.ts'
import { engineVersion, writeOllamaProgram } from '../../support/ollama-program.ts'
import type { Project } from '../../support/project.ts'
import { expectAlone, measured, timeoutMs } from './measure.ts'

it(
  'finds the first requests that wait for a model that is not there yet',
  async () => {
    const result = await measured({
      workload: `  options: {temperature: 0, seed: 1, num_predict: 2, num_ctx: 32768, num_thread: 1}
  load: {users: 2, requests: 2}
  warmup: {requests: 0}`,
      // the model has gone by the time of the first two requests, which come together
      configs: `  base: {target: embedded, env: {OLLAMA_NUM_PARALLEL: 2}}
  cold: {from: base, env: {OLLAMA_KEEP_ALIVE: 1ms}}`,
    })
    const { ms } = expectAlone('cold-start', result)
    expect(Object.keys(ms)).toEqual(['load'])
    expect(result.report).toContain('12 of 12 requests of cold waited for the model to be loaded')
  },
  timeoutMs,
)

it(
  'finds a model that leaves memory between requests',
  async () => {
    const result = await measured({
      workload: `  options: {temperature: 0, seed: 1, num_predict: 2, num_ctx: 32768, num_thread: 1}
  load: {users: 1, requests: 5}
  warmup: {requests: 1}`,
      configs: `  base: {target: embedded}
  expiring: {from: base, env: {OLLAMA_KEEP_ALIVE: 0}}`,
    })
    const { ms } = expectAlone('keep-alive', result)
    expect(Object.keys(ms)).toEqual(['load'])
    expect(result.report).toContain('export OLLAMA_KEEP_ALIVE=-1')
  },
  timeoutMs,
)

it(
  'finds reloads because another client asks for another context',
  async () => {
    const result = await measured({
      model,
      prepare: programWithOtherClient,
      workload: `  options: {temperature: 0, seed: 1, num_predict: 2, num_ctx: 16384, num_thread: 1}
  load: {users: 1, requests: 5}
  warmup: {requests: 1}`,
      configs: `  base:
    target: {process: {version: "${engineVersion}"}}
    env: {EXP_EMBEDDED_MODELS: "${model}"}
  shared:
    from: base
    env: {TEST_OTHER_CLIENT: 32768}`,
    })
    const { ms } = expectAlone('reload', result)
    expect(Object.keys(ms)).toEqual(['load'])
    expect(result.report).toContain('the server was seen with 32,768 tokens')
  },
  timeoutMs,
)

const model = 'qwen3:0.6b'

/** `ollama serve` with a client of its own, which asks for another `num_ctx` than the experiment does. */
async function programWithOtherClient(project: Project): Promise<void> {
  await writeOllamaProgram(join(project.root, 'engine'))
  await writeOllamaProgram(join(project.root, 'bin'))
  await writeFile(join(project.root, 'bin/ollama'), otherClient)
  project.write(['models/manifests', ...manifestPath(model)].join('/'), '{}')
  project.write(
    'exp.local.yaml',
    `ollama:\n  binaries: {"${engineVersion}": bin/ollama}\n  models: models\n`,
  )
}

const otherClient = `#!${process.execPath}
const context = Number(process.env.TEST_OTHER_CLIENT ?? 0)
if (context > 0 && process.argv[2] === 'serve') {
  const ask = () => {
    fetch('http://' + process.env.OLLAMA_HOST + '/api/chat', {
      method: 'POST',
      body: JSON.stringify({
        model: '${model}',
        messages: [{ role: 'user', content: 'x' }],
        options: { num_ctx: context, num_predict: 1 },
      }),
    })
      .then((answer) => answer.text())
      .catch(() => undefined)
      .finally(() => setTimeout(ask, 50))
  }
  ask()
}
require('../engine/ollama')
`
