/** `ollama serve` that other clients use as well: real requests beside those of the experiment. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { manifestPath } from '../../../src/targets/process/model-store.ts'
import { engineVersion, writeOllamaProgram } from '../../support/ollama-program.ts'
import type { Project } from '../../support/project.ts'
import type { Small } from './measure.ts'

const model = 'qwen3:0.6b'

/** As a config's target. */
export const ownServer = `{process: {version: "${engineVersion}"}}`

/** As entries of a config's environment: so many ask again as soon as they have their answer, with these options. */
export function otherClients(clients: number, options: Readonly<Record<string, number>>): string {
  return `EXP_EMBEDDED_MODELS: "${model}", TEST_CLIENTS: ${clients}, TEST_OPTIONS: '${JSON.stringify(options)}'`
}

/** What an experiment with such a server needs. */
export const writeServer: Pick<Small, 'model' | 'prepare'> = {
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
const ask = () => {
  fetch('http://' + process.env.OLLAMA_HOST + '/api/chat', {
    method: 'POST',
    body: JSON.stringify({ model: '${model}', messages: [{ role: 'user', content: 'x' }], options }),
  })
    .then((answer) => answer.text())
    .catch(() => undefined)
    .finally(() => setTimeout(ask, 50))
}
if (process.argv[2] === 'serve')
  for (let client = 0; client < Number(process.env.TEST_CLIENTS); client += 1) ask()
require('../engine/ollama')
`
