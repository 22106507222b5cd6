/** Real Ollama servers that `.ci/ollama` has built, with SmolLM2-135M as their model. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe } from 'vitest'
import { freePort } from '../../src/targets/remote/free-port.ts'
import { Project } from './project.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../../.ci/ollama', import.meta.url))

export const realModel = 'smollm2:135m'

/** The path of a built Ollama; undefined if it was not built on this machine. Throws in CI, which builds it. */
export async function builtOllama(version: string): Promise<string | undefined> {
  try {
    return (await run(script, ['find', version])).stdout.trim()
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    return undefined
  }
}

export interface RealServer {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Starts `ollama serve` on a free port, and waits until it answers. */
export async function serveOllama(
  program: string,
  models: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RealServer> {
  const host = `127.0.0.1:${await freePort()}`
  const child = spawn(program, ['serve'], {
    env: {
      PATH: process.env['PATH'],
      HOME: dirname(models),
      ...env,
      OLLAMA_HOST: host,
      OLLAMA_MODELS: models,
    },
    stdio: 'ignore',
  })
  const url = `http://${host}`
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error('ollama serve ended')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { url, stop: () => stop(child) }
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/api/version`).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
}

/**
 * A model store with the model under this name. The model uses one inference thread. With one thread per core, a load
 * generator on the same machine would slow inference down a hundredfold.
 */
export async function modelStore(program: string, name = realModel): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-real-ollama-'))
  const models = join(folder, 'models')
  await createModel(program, models, name, 'model')
  return models
}

/** Adds the copy of the model that is another model to Ollama. */
export async function addCopy(program: string, models: string, name: string): Promise<void> {
  await createModel(program, models, name, 'copy')
}

/** @param file the command of the script that prints the path of the model's file */
async function createModel(
  program: string,
  models: string,
  name: string,
  file: 'model' | 'copy',
): Promise<void> {
  const folder = dirname(models)
  const { stdout } = await run(script, [file], { maxBuffer: 2 ** 20 })
  const modelfile = join(folder, 'Modelfile')
  await writeFile(modelfile, `FROM ${stdout.trim()}\nPARAMETER num_thread 1\n`)
  const server = await serveOllama(program, models)
  try {
    await run(program, ['create', name, '-f', modelfile], {
      env: { ...process.env, HOME: folder, OLLAMA_HOST: server.url },
    })
  } finally {
    await server.stop()
  }
}

/** Collects the commands of the processes that compute the models of this store, until `stop` is called. */
export function watchRunners(models: string): { readonly stop: () => ReadonlySet<string> } {
  const commands = new Set<string>()
  const look = async () => {
    const { stdout } = await run('ps', ['-axww', '-o', 'command='], { maxBuffer: 2 ** 24 })
    for (const line of stdout.split('\n'))
      if (line.includes(' runner ') && line.includes(models)) commands.add(line)
  }
  const timer = setInterval(() => void look(), 300)
  const stopWatching = () => {
    clearInterval(timer)
    return commands
  }
  return { stop: stopWatching }
}

/** Makes a project use this Ollama as its version, with a new model store. Returns the folder of the store. */
export async function useOllama(
  project: Project,
  program: string,
  version: string,
): Promise<string> {
  const models = await modelStore(program)
  const binaries = `{"${version}": ${program}}`
  project.write('exp.local.yaml', `ollama: {binaries: ${binaries}, models: ${models}}\n`)
  return models
}

/** The time that a test with a real Ollama may take. */
export const realOllamaTimeoutMs = 600_000

/** An experiment of one round: two users ask the real model short questions. */
export function questionsExperiment(title: string, requests: number, configs: string): string {
  return `title: ${title}
locale: en
model: "${realModel}"
dataset: {name: questions, samples: [{text: Name a colour.}, {text: Name an animal.}]}
workload:
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 16, num_ctx: 1024}
  load: {users: 2, requests: ${requests}}
  warmup: {requests: 2}
rounds: 1
configs:
${configs}`
}

/**
 * Tests with a project that uses this version of a real Ollama. They are skipped if it was not built on this machine.
 * @param prepare adds to the model store
 */
export async function describeRealOllama(
  what: string,
  version: string,
  tests: (project: Project) => void,
  prepare: (program: string, models: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const program = await builtOllama(version)
  describe.skipIf(program === undefined)(`${what} ${version}`, () => {
    const project = new Project()
    beforeAll(async () => {
      if (program === undefined) return
      await prepare(program, await useOllama(project, program, version))
    }, realOllamaTimeoutMs)
    afterAll(() => project.remove())
    tests(project)
  })
}
