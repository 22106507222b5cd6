/** The real environment of a run: this machine, its clock, targets and stores. */
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '../../embedded/engine-process.ts'
import { engineProblem } from '../../embedded/engine-package.ts'
import { isInside } from '../../files/read-files.ts'
import { loadLocalSettings } from '../../files/local-settings.ts'
import { stateFolder, systemTools, type MachineTools } from '../../host/machine-tools.ts'
import { machineId, readMachine } from '../../host/facts/machine.ts'
import { resourceSampler } from '../../host/resources/sampler.ts'
import { openRunQueue } from '../../host/processes/run-queue.ts'
import { steadyEngine } from '../../host/processes/steady-engine.ts'
import { acquireMeasurementLock } from '../../host/processes/measurement-lock.ts'
import { Redactor } from '../../results/redact.ts'
import { ResultStore } from '../../results/store.ts'
import { rehearse } from '../../run/rehearsal.ts'
import type { RunDeps } from '../../run/run.ts'
import { readCalibration } from '../../run/stored-calibration.ts'
import { findOrphans } from '../../targets/orphans.ts'
import { targetDrivers, type TargetDependencies } from '../../targets/target-drivers.ts'
import type { Io } from '../io.ts'
import { programVersion } from '../program-version.ts'
import type { TerminalWords } from '../terminal-words.ts'
import { withAddedOllamas } from '../../targets/process/added-ollama.ts'

export type RunEnvironment = Omit<RunDeps, 'store' | 'onEvent' | 'isPrecise' | 'searchWindows'> & {
  /** The store in a report folder. Removes the names of this machine and its user from everything it writes. */
  readonly storeAt: (folder: string) => ResultStore
  /** Removes servers and containers that killed runs left behind, and prints their names. */
  readonly removeLeftovers: () => Promise<void>
  /** Waits until no other `exp run` measures on this machine. Returns a function that releases the lock. */
  readonly acquireMeasurementLock: (purpose: string) => Promise<() => Promise<void>>
}

/**
 * @param root the project's folder, where results are written
 * @param settingsFolder the folder that holds `exp.local.yaml`
 * @param onPull called with the progress of each model or image that is downloaded
 */
export async function createRunEnvironment(
  root: string,
  settingsFolder: string,
  words: TerminalWords,
  onPull: TargetDependencies['onPull'],
  io: Io,
): Promise<RunEnvironment> {
  const tools = systemTools()
  const settings = withAddedOllamas(loadLocalSettings(settingsFolder), io.env)
  const redactor = new Redactor(privateNames())
  const runQueueReader = openRunQueue()
  const lockDeps = { stateFolder: stateFolder(io.env, tools.platform), tools }
  return {
    driver: targetDrivers({
      startEngine,
      engineProblem: () => engineProblem(io.env),
      tools,
      env: io.env,
      settings,
      stateFolder: lockDeps.stateFolder,
      folder: settingsFolder,
      onPull,
    }),
    removeLeftovers: async () => {
      for (const orphan of await findOrphans(lockDeps.stateFolder, tools)) {
        await orphan.remove()
        io.stderr.write(`${words.text('plan.leftover', { what: orphan.name })}\n`)
      }
    },
    acquireMeasurementLock: (purpose) =>
      acquireMeasurementLock(purpose, lockDeps, io.signal, ({ what, pid }) =>
        io.stderr.write(`${words.text('plan.waiting', { purpose: what, pid })}\n`),
      ),
    storeAt: (folder) => new ResultStore(folder, redactor, isInside(root, folder) ? root : folder),
    clock: { wall: io.now, monotonic: () => performance.now() },
    random: io.random,
    machine: {
      id: await machineId(tools),
      ...(settings.name === undefined ? {} : { name: settings.name }),
    },
    observeHost: hostObserver(tools),
    resourceSampler: (processes) => resourceSampler(processes, tools, settings.powermetrics),
    tool: { name: 'exp-notebook', version: programVersion(), node: process.versions.node },
    rehearse: (signal) => rehearse(runQueueReader.runQueue, signal),
    steadyEngine,
    timingErrorSources: {
      ...runQueueReader,
      calibration: await readCalibration(io.env, process.versions.node),
    },
    signal: io.signal,
  }
}

function hostObserver(tools: MachineTools): RunDeps['observeHost'] {
  return async (which) =>
    (await readMachine(tools, which)).map(({ source, facts, missing }) => ({
      source,
      facts,
      ...(Object.keys(missing).length === 0 ? {} : { missing }),
    }))
}

/** Names that results must not contain: those of this machine and its user. */
function privateNames(): readonly string[] {
  const [machine = ''] = hostname().split('.')
  try {
    return [machine, userInfo().username]
  } catch {
    return [machine] // the system does not know the user, as in some containers
  }
}

/** The absolute path of an experiment's report folder. */
export function reportFolder(root: string, id: string): string {
  return join(root, 'reports', id)
}
