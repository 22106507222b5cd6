/** An `ollama serve` that other clients use too, in addition to the experiment. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { manifestPath } from '../../../src/targets/process/model-store.ts'
import { engineVersion, writeOllamaProgram } from '../../support/ollama-program.ts'
import type { Project } from '../../support/project.ts'
import type { SmallExperiment } from './measure.ts'

const model = 'qwen3:0.6b'

/** The target of a config that uses this server. */
export const ownServer = `{process: {version: "${engineVersion}"}}`

/** Entries of a config's environment that start other clients, which send requests in a closed loop. */
export function otherClients(clients: number, options: Readonly<Record<string, number>>): string {
  return `EXP_EMBEDDED_MODELS: "${model}", TEST_CLIENTS: ${clients}, TEST_OPTIONS: '${JSON.stringify(options)}'`
}

/** Writes the files that an experiment with this server needs. */
export const writeServer: Pick<SmallExperiment, 'model' | 'prepare'> = {
  model,
  async prepare(project: Project) {
    await writeOllamaProgram(join(project.root, 'engine'))
    await writeOllamaProgram(join(project.root, 'bin'))
    await writeFile(join(project.root, 'bin/ollama'), program)
    project.write(['models/manifests', ...manifestPath(model)].join('/'), '{}')
    project.write(
      'exp.local.yaml',
      `ollama:\n  binaries: {"${engineVersion}": bin/ollama}\n  models: models\n`,
    )
  },
}

const program = `#!${process.execPath}
const options = JSON.parse(process.env.TEST_OPTIONS ?? '{}')
const send = () => {
  fetch('http://' + process.env.OLLAMA_HOST + '/api/chat', {
    method: 'POST',
    body: JSON.stringify({ model: '${model}', messages: [{ role: 'user', content: 'x' }], options }),
  })
    .then((answer) => answer.text())
    .catch(() => undefined)
    .finally(() => setTimeout(send, 50))
}
if (process.argv[2] === 'serve')
  for (let client = 0; client < Number(process.env.TEST_CLIENTS); client += 1) send()
require('../engine/ollama')
`
