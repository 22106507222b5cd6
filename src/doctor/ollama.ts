/** Examines Ollama on this machine: its programs, the models that `target: process` would use, the running server. */
import { forShell, listed } from '../errors/quote.ts'
import type { LocalSettings } from '../files/local-settings.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { OllamaClient } from '../ollama/client.ts'
import type { EnvironmentVariables } from '../targets/owned-server/server-environment.ts'
import { isLoopback, runningStore } from '../targets/evidence/local-server-log.ts'
import { findModelStore, storedModels } from '../targets/process/model-store.ts'
import { localServerUrl } from '../targets/surroundings.ts'
import { installedOllama, namedOllama } from '../targets/process/ollama-binary.ts'
import { fittingModels, maxModels, type MemoryBudget } from './fitting-models.ts'
import { machineFact, type MachineReading } from '../host/facts/machine-facts.ts'
import { readMachine } from '../host/facts/machine.ts'
import { failedFinding, type DoctorFinding } from './finding.ts'

/** Reports the installed Ollama, and each one that exp.local.yaml names. */
export async function examinePrograms(
  { ollama }: LocalSettings,
  tools: MachineTools,
): Promise<readonly DoctorFinding[]> {
  const findings = [await installedProgram(tools)]
  for (const [version, file] of Object.entries(ollama.binaries))
    findings.push(await namedProgram(version, file, tools))
  return findings
}

async function installedProgram(tools: MachineTools): Promise<DoctorFinding> {
  const what = 'Ollama'
  const fix = 'install it from https://ollama.com/download'
  try {
    const found = await installedOllama(tools)
    return found === undefined
      ? { what, state: 'lacking', detail: 'not installed', fix }
      : { what, state: 'good', detail: `${found.version} is installed` }
  } catch (error) {
    return failedFinding(what, error)
  }
}

async function namedProgram(
  version: string,
  file: string,
  tools: MachineTools,
): Promise<DoctorFinding> {
  const what = `Ollama ${version}`
  try {
    await namedOllama(version, file, tools)
    return { what, state: 'good', detail: `reports version ${version}: ${file}` }
  } catch (error) {
    const finding = failedFinding(what, error)
    return { ...finding, detail: `${finding.detail}: ${file}` }
  }
}

/** Reports the model store that `target: process` uses if the config names none. */
export async function examineStore(
  { ollama }: LocalSettings,
  { tools, env, root }: { tools: MachineTools; env: EnvironmentVariables; root: string },
): Promise<DoctorFinding> {
  const what = 'model store'
  const declared = [ollama.models]
  const running = await runningStore(tools)
  const store = await findModelStore({ declared, folder: root, env, running })
  const models = await storedModels(store)
  return models.length > 0
    ? { what, state: 'good', detail: `${store}: ${listed(models)}` }
    : {
        what,
        state: 'lacking',
        detail: `${store} contains no model`,
        fix: '`ollama pull MODEL`, or name a store with models in exp.local.yaml: `ollama: {models: FOLDER}`',
      }
}

const timeoutMs = 5_000

/** Reports the server that the command `ollama` would talk to. */
export async function examineServer(
  env: EnvironmentVariables,
  signal: AbortSignal,
): Promise<DoctorFinding> {
  const what = 'Ollama server'
  const baseUrl = localServerUrl(env)
  const client = new OllamaClient({ baseUrl })
  const options = { signal, timeoutMs }
  try {
    const version = await client.version(options)
    const [stored, loaded] = await Promise.all([client.tags(options), client.ps(options)])
    const models = listed(stored.map(({ name }) => name))
    const [first] = loaded
    const detail = `${listed([version])} at ${baseUrl}; models: ${models === '' ? 'none' : models}`
    if (first === undefined) return { what, state: 'good', detail }
    return {
      what,
      state: 'lacking',
      detail: `${detail}; loaded now: ${listed(loaded.map(({ name }) => name))}`,
      fix: `ollama stop ${forShell(first.name)} (a loaded model takes memory and compute from the measurement)`,
    }
  } catch {
    signal.throwIfAborted()
    return { what, state: 'info', detail: `no server answers at ${baseUrl}` }
  } finally {
    await client.close()
  }
}

/** Reports the slots and contexts with which the running server's models fit into memory; nothing without a server. */
export async function examineModels({
  tools,
  env,
  signal,
}: {
  readonly tools: MachineTools
  readonly env: EnvironmentVariables
  readonly signal: AbortSignal
}): Promise<readonly DoctorFinding[]> {
  const client = new OllamaClient({ baseUrl: localServerUrl(env) })
  const options = { signal, timeoutMs }
  try {
    const stored = await client.tags(options)
    const describe = (name: string) =>
      client.show(name, options).then(
        ({ modelInfo }) => modelInfo,
        () => undefined,
      )
    const models = await Promise.all(
      stored.map(async ({ name, sizeBytes }, index) => {
        const info = index < maxModels ? await describe(name) : undefined
        return { name, sizeBytes, info }
      }),
    )
    const isHere = isLoopback(new URL(localServerUrl(env)).hostname)
    const budget: MemoryBudget = isHere
      ? memoryBudget(await readMachine(tools))
      : { unknown: 'the server is on another machine' }
    return fittingModels(models, budget)
  } catch {
    signal.throwIfAborted()
    return []
  } finally {
    await client.close()
  }
}

/** The memory that Ollama can use without a GPU. exp does not know how much memory of a GPU is free. */
function memoryBudget(readings: readonly MachineReading[]): MemoryBudget {
  const gpu = machineFact(readings, 'gpu')
  const free = machineFact(readings, 'memoryFreeBytes')
  if (gpu === undefined) return { unknown: 'whether this machine has a GPU is not known' }
  if (gpu !== 'none') return { unknown: `the free memory of the GPU is not known (${String(gpu)})` }
  if (typeof free !== 'number') return { unknown: 'the free memory of this machine is not known' }
  return { bytes: free }
}
