/**
 * Examines what this machine can run. Input: access to this machine, the environment, the project's folder. Output:
 * findings, each with a fix where one is needed. Also removes the servers and containers that killed runs left
 * behind, and reports each as a finding.
 */
import { statfs } from 'node:fs/promises'
import { gibibytes } from '../format/number.ts'
import { machineFact, type MachineFactId } from '../host/facts/machine-facts.ts'
import { machineWarnings, type MachineWarning } from '../host/facts/machine-warnings.ts'
import { readMachine } from '../host/facts/machine.ts'
import { loadLocalSettings, type LocalSettings } from '../files/local-settings.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { measurementLockHolder } from '../host/processes/measurement-lock.ts'
import { OllamaClient } from '../ollama/client.ts'
import type { EngineProblem, StartEngine } from '../targets/embedded/embedded-target.ts'
import { findOrphans } from '../targets/orphans.ts'
import { systemProblem } from '../targets/system-problem.ts'
import type { EnvironmentVariables } from '../targets/owned-server/server-environment.ts'
import { examineDocker } from './docker.ts'
import { failedFinding, type DoctorFinding } from './finding.ts'
import { examineModels, examinePrograms, examineServer, examineStore } from './ollama.ts'
import { withAddedOllamas } from '../targets/process/added-ollama.ts'

export interface DoctorDependencies {
  readonly tools: MachineTools
  readonly env: EnvironmentVariables
  /** The project's folder. */
  readonly root: string
  readonly stateFolder: string
  readonly startEngine: StartEngine
  readonly engineProblem: EngineProblem
  readonly signal: AbortSignal
}

export async function examineAndCleanUp(
  deps: DoctorDependencies,
): Promise<readonly DoctorFinding[]> {
  const { settings, problems } = readSettings(deps.root)
  return [
    await examineEngine(deps),
    ...examineSystem(deps.tools),
    ...problems,
    ...(await examinePrograms(withAddedOllamas(settings, deps.env), deps.tools)),
    await examineStore(settings, deps),
    await examineServer(deps.env, deps.signal),
    ...(await examineModels(deps)),
    ...(await examineDocker(deps.tools)),
    ...(await examineMachine(deps.tools, deps.root)),
    ...(await removeOrphans(deps)),
  ]
}

/** Reads exp.local.yaml. If it is invalid, returns the problems and empty settings. */
function readSettings(root: string): {
  readonly settings: LocalSettings
  readonly problems: readonly DoctorFinding[]
} {
  try {
    return { settings: loadLocalSettings(root), problems: [] }
  } catch (error) {
    return {
      settings: { ollama: { binaries: {} } },
      problems: [failedFinding('exp.local.yaml', error)],
    }
  }
}

/** Reports what does not work on this operating system; nothing on Linux and macOS. */
function examineSystem({ platform }: MachineTools): readonly DoctorFinding[] {
  const problem = systemProblem(platform)
  if (problem === undefined) return []
  return [{ what: 'system', state: 'lacking', detail: problem.why, fix: problem.fix }]
}

/** Starts the embedded engine and sends it a request, as a run would. */
async function examineEngine(deps: DoctorDependencies): Promise<DoctorFinding> {
  const what = 'embedded engine'
  const { startEngine, engineProblem, signal } = deps
  const holder = await measurementLockHolder(deps)
  if (holder !== undefined)
    return { what, state: 'info', detail: `not tried: \`exp run\` is measuring (${holder.what})` }
  const problem = await engineProblem()
  if (problem !== undefined) return { what, state: 'info', detail: problem.why, fix: problem.fix }
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
    return failedFinding(what, error)
  }
}

/**
 * Reports cores, memory, GPU and disk, and conditions that would disturb a measurement now.
 * @param folder a folder on the disk that results are written to
 */
export async function examineMachine(
  tools: MachineTools,
  folder: string,
): Promise<readonly DoctorFinding[]> {
  const [readings, { bavail, bsize }] = await Promise.all([readMachine(tools), statfs(folder)])
  const fact = (id: MachineFactId) => machineFact(readings, id)
  const size = (id: MachineFactId, suffix: string) => {
    const value = fact(id)
    return typeof value === 'number' ? [`${gibibytes(value)}${suffix}`] : []
  }
  const free = bavail * bsize
  const warnings = machineWarnings(readings, free)
  const physical = fact('physicalCores')
  const cores = [
    `${String(fact('cpuCount') ?? 'an unknown number of')} logical`,
    ...(physical === undefined ? [] : [`${String(physical)} physical`]),
    `load ${String(fact('loadAverage') ?? 'unknown')}`,
  ].join(', ')
  const memory = [...size('memoryBytes', ''), ...size('memoryFreeBytes', ' free')].join(', ')
  return [
    findingFor('cores', `${cores}; the load generator uses one of them`, warnings, 'load'),
    findingFor('memory', memory === '' ? 'unknown' : memory, warnings, 'memory'),
    { what: 'GPU', state: 'info', detail: String(fact('gpu') ?? 'none found') },
    findingFor('disk', `${gibibytes(free)} free`, warnings, 'disk'),
    ...warnings
      .filter(({ about }) => about === 'power' || about === 'heat')
      .map(
        ({ about, message, fix }) =>
          ({ what: about, state: 'lacking', detail: message, fix }) as const,
      ),
  ]
}

function findingFor(
  what: string,
  detail: string,
  warnings: readonly MachineWarning[],
  about: MachineWarning['about'],
): DoctorFinding {
  const warning = warnings.find((each) => each.about === about)
  if (warning === undefined) return { what, state: 'good', detail }
  return { what, state: 'lacking', detail, fix: warning.fix }
}

async function removeOrphans({
  stateFolder,
  tools,
}: DoctorDependencies): Promise<readonly DoctorFinding[]> {
  const what = 'left behind'
  const orphans = await findOrphans(stateFolder, tools)
  if (orphans.length === 0) return [{ what, state: 'good', detail: 'nothing' }]
  const findings: DoctorFinding[] = []
  for (const orphan of orphans) {
    await orphan.remove()
    findings.push({ what, state: 'good', detail: `${orphan.name} of a killed run: removed` })
  }
  return findings
}
