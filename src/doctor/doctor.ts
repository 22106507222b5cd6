/**
 * What this machine can run. Enters: the readers of this machine, the environment, the project's folder. Leaves:
 * findings, each with what mends it. What killed runs left behind is removed on the way, and said.
 */
import { loadLocalSettings, type LocalSettings } from '../host/local-settings.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { measurementLockHolder } from '../host/processes/measurement-lock.ts'
import { OllamaClient } from '../ollama/client.ts'
import type { StartEngine } from '../targets/embedded/embedded-target.ts'
import type { Environment } from '../targets/url/headers.ts'
import { findOrphans } from '../targets/orphans/orphans.ts'
import { examineDocker } from './docker.ts'
import { lacking, type Finding } from './finding.ts'
import { examineMachine } from './machine.ts'
import { examinePrograms, examineServer, examineStore } from './ollama.ts'

export interface DoctorDependencies {
  readonly tools: MachineTools
  readonly env: Environment
  /** The project's folder. */
  readonly root: string
  readonly stateFolder: string
  readonly startEngine: StartEngine
  readonly signal: AbortSignal
}

export async function examine(deps: DoctorDependencies): Promise<readonly Finding[]> {
  const { settings, trouble } = await settingsOf(deps.root)
  return [
    await embeddedEngine(deps),
    ...trouble,
    ...(await examinePrograms(settings, deps.tools)),
    await examineStore(settings, deps),
    await examineServer(deps.env, deps.signal),
    ...(await examineDocker(deps.tools)),
    ...(await examineMachine(deps.tools, deps.root)),
    ...(await leftovers(deps)),
  ]
}

/** A file that cannot be read says nothing of the rest. */
async function settingsOf(root: string): Promise<{
  readonly settings: LocalSettings
  readonly trouble: readonly Finding[]
}> {
  try {
    return { settings: await loadLocalSettings(root), trouble: [] }
  } catch (error) {
    return { settings: { ollama: { binaries: {} } }, trouble: [lacking('exp.local.yaml', error)] }
  }
}

/** Brings it up and asks it, as a run would. */
async function embeddedEngine(deps: DoctorDependencies): Promise<Finding> {
  const what = 'embedded engine'
  const { startEngine, signal } = deps
  const busy = await measurementLockHolder(deps)
  if (busy !== undefined)
    return { what, state: 'known', detail: `not tried: \`exp run\` measures now (${busy.what})` }
  try {
    const engine = await startEngine({
      env: {},
      models: ['doctor'],
      signal,
      onLog: () => undefined,
    })
    const client = new OllamaClient({ baseUrl: engine.url })
    try {
      return { what, state: 'good', detail: `answers, ${await client.version({ signal })}` }
    } finally {
      await client.close()
      await engine.stop()
    }
  } catch (error) {
    return lacking(what, error)
  }
}

async function leftovers({ stateFolder, tools }: DoctorDependencies): Promise<readonly Finding[]> {
  const what = 'left behind'
  const orphans = await findOrphans(stateFolder, tools)
  if (orphans.length === 0) return [{ what, state: 'good', detail: 'nothing' }]
  const findings: Finding[] = []
  for (const orphan of orphans) {
    await orphan.remove()
    findings.push({ what, state: 'good', detail: `${orphan.what} of a killed run: removed` })
  }
  return findings
}
