/** What a run needs of this machine, made from the real one. */
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '../../embedded/engine-process.ts'
import { loadLocalSettings } from '../../host/local-settings.ts'
import { machineId } from '../../host/facts/machine-id.ts'
import { stateFolder } from '../../host/state-folder.ts'
import { systemTools, type MachineTools } from '../../host/machine-tools.ts'
import { readMachine } from '../../host/facts/machine.ts'
import { acquireMeasurementLock } from '../../host/processes/measurement-lock.ts'
import { Redactor } from '../../results/redact.ts'
import { ResultStore } from '../../results/store.ts'
import type { RunDeps } from '../../run/run.ts'
import { findOrphans } from '../../targets/orphans/orphans.ts'
import { targetDrivers, type TargetDependencies } from '../../targets/target-drivers.ts'
import type { Io } from '../io.ts'
import { programVersion } from '../program-version.ts'

export type RunEnvironment = Omit<RunDeps, 'store' | 'onEvent' | 'isPrecise'> & {
  /** The results of an experiment's folder, cleaned of this machine's names as they are written. */
  readonly storeAt: (folder: string) => ResultStore
  /** Takes down what a killed run left behind, and says so. */
  readonly removeLeftovers: () => Promise<void>
  /** Waits until no other `exp run` measures on this machine; returns what lets the next one begin. */
  readonly acquireMeasurementLock: (what: string) => Promise<() => Promise<void>>
}

/** @param root of the project: where `exp.local.yaml` is */
export async function createRunEnvironment(root: string, io: Io): Promise<RunEnvironment> {
  const tools = systemTools()
  const settings = await loadLocalSettings(root)
  const redactor = new Redactor(privateNames())
  const place = { stateFolder: stateFolder(io.env, tools.platform), tools }
  return {
    driver: targetDrivers({
      startEngine,
      tools,
      env: io.env,
      settings,
      stateFolder: place.stateFolder,
      folder: root,
      onPull: pullReporter(io),
    }),
    removeLeftovers: async () => {
      for (const orphan of await findOrphans(place.stateFolder, tools)) {
        await orphan.remove()
        io.stderr.write(`removed what a killed run left behind: ${orphan.what}\n`)
      }
    },
    acquireMeasurementLock: (what) =>
      acquireMeasurementLock(what, place, io.signal, (other) =>
        io.stderr.write(
          `waiting: another \`exp run\` measures on this machine (${other.what}, process ${other.pid}), and two at once would disturb each other; Ctrl-C gives up\n`,
        ),
      ),
    storeAt: (folder) => new ResultStore(folder, redactor),
    clock: { wall: io.now, monotonic: () => performance.now() },
    random: io.random,
    machine: {
      id: await machineId(tools),
      ...(settings.name === undefined ? {} : { name: settings.name }),
    },
    observeHost: hostObserver(tools),
    tool: { name: 'exp-notebook', version: programVersion(), node: process.versions.node },
    signal: io.signal,
  }
}

/** One line a step of a pull, never one a percent. */
function pullReporter(io: Io): TargetDependencies['onPull'] {
  let last = ''
  return ({ model, status }) => {
    const line = `${model}: ${status}\n`
    if (line !== last) io.stderr.write(line)
    last = line
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

function privateNames(): readonly string[] {
  const [machine = ''] = hostname().split('.')
  try {
    return [machine, userInfo().username]
  } catch {
    return [machine] // a user without an entry in the system's list, as in some containers
  }
}

export function reportFolder(root: string, id: string): string {
  return join(root, 'reports', id)
}
