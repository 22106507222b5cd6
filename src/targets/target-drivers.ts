/** Every kind of target, made from what this machine offers. */
import type { LocalSettings } from '../host/local-settings.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import type { TargetKind } from '../experiment/target-kinds.ts'
import { DockerTarget } from './docker/docker-target.ts'
import { EmbeddedTarget } from './embedded/embedded-target.ts'
import type { StartEngine } from './embedded/embedded-target.ts'
import type { Environment } from './url/headers.ts'
import { localServerLog, runningStore } from './evidence/local-server-log.ts'
import { ProcessTarget } from './process/process-target.ts'
import type { PullProgress } from './owned-server/pull-model.ts'
import { surroundings } from './surroundings.ts'
import type { TargetDriver } from './target.ts'
import { UrlTarget } from './url/url-target.ts'

export interface TargetDependencies {
  /** `embedded/` starts it; this room may not know that room. */
  readonly startEngine: StartEngine
  readonly tools: MachineTools
  /** This process's environment. */
  readonly env: Environment
  /** From exp.local.yaml. */
  readonly settings: LocalSettings
  /** Of `host/state-folder.ts`: where what was started is recorded. */
  readonly stateFolder: string
  /** The project's folder: results are written in it. */
  readonly folder: string
  /** Told while a model or an image is fetched, at most as often as the server says something. */
  readonly onPull: (progress: PullProgress) => void
}

/**
 * The driver for each kind; the one for `embedded` stands in for the others too. Each check also tells what
 * else is on the machine.
 */
export function targetDrivers(deps: TargetDependencies): (kind: TargetKind) => TargetDriver {
  const { startEngine, tools, env } = deps
  const drivers: Readonly<Record<TargetKind, TargetDriver>> = {
    embedded: new EmbeddedTarget(startEngine),
    url: new UrlTarget(env, localServerLog(tools)),
    process: new ProcessTarget({ ...deps, runningStore: () => runningStore(tools) }),
    docker: new DockerTarget(deps),
  }
  const told = new Map<string | undefined, Promise<readonly string[]>>()
  return (kind) =>
    besideWhatRuns(drivers[kind], (measured, signal) => {
      const known = told.get(measured) ?? surroundings(deps, measured, signal)
      told.set(measured, known)
      return known
    })
}

/** @param around what `surroundings` tells, found out once a run */
function besideWhatRuns(
  driver: TargetDriver,
  around: (measured: string | undefined, signal: AbortSignal) => Promise<readonly string[]>,
): TargetDriver {
  return {
    kind: driver.kind,
    start: (config, signal) => driver.start(config, signal),
    check: async (config, signal) => {
      const availability = await driver.check(config, signal)
      if (!availability.available) return availability
      const measured = config.target.kind === 'url' ? config.target.url : undefined
      const notes = [...availability.notes, ...(await around(measured, signal))]
      return { available: true, notes }
    },
  }
}
