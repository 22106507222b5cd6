/** Creates the driver of each kind of target from what this machine offers. */
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { kindFacts, machineNamedBy, type TargetKind } from '../experiment/target-kinds.ts'
import type { LocalSettings } from '../files/local-settings.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { DockerTarget } from './docker/docker-target.ts'
import { EmbeddedTarget } from './embedded/embedded-target.ts'
import type { EngineProblem, StartEngine } from './embedded/embedded-target.ts'
import { localServerLog, runningStore } from './evidence/local-server-log.ts'
import type { PullProgress } from './owned-server/pull-model.ts'
import type { EnvironmentVariables } from './owned-server/server-environment.ts'
import { ProcessTarget } from './process/process-target.ts'
import { RemoteProcessTarget } from './remote-process/remote-process-target.ts'
import { surroundings } from './surroundings.ts'
import { systemProblem, type SystemProblem } from './system-problem.ts'
import type { TargetDriver } from './target.ts'
import { UrlTarget } from './url/url-target.ts'

export interface TargetDependencies {
  /** Starts the embedded engine; passed in because this room may not import `embedded/`. */
  readonly startEngine: StartEngine
  readonly engineProblem: EngineProblem
  readonly tools: MachineTools
  /** The environment of this process. */
  readonly env: EnvironmentVariables
  /** From exp.local.yaml. */
  readonly settings: LocalSettings
  /** The folder where started servers are recorded. */
  readonly stateFolder: string
  /** The project's folder, where results are written. */
  readonly folder: string
  /** Called while a model or an image is downloaded. */
  readonly onPull: (progress: PullProgress) => void
}

/**
 * Returns a function that gives the driver of each kind. Each driver's check also reports what else on the machine
 * would disturb a measurement.
 */
export function targetDrivers(deps: TargetDependencies): (kind: TargetKind) => TargetDriver {
  const { startEngine, engineProblem, tools, env } = deps
  const drivers: Readonly<Record<TargetKind, TargetDriver>> = {
    embedded: new EmbeddedTarget(startEngine, engineProblem),
    url: new UrlTarget(env, localServerLog(tools)),
    process: processDriver(
      new ProcessTarget({ ...deps, runningStore: () => runningStore(tools) }),
      new RemoteProcessTarget(deps),
    ),
    docker: new DockerTarget(deps),
  }
  // A run checks every config, and the surroundings are the same for all of them.
  const cache = new Map<string | undefined, Promise<readonly string[]>>()
  const problemOf = (kind: TargetKind) =>
    kindFacts(kind).startsServer ? systemProblem(tools.platform) : undefined
  return (kind) =>
    withSurroundings(drivers[kind], problemOf(kind), (measuredUrl, signal) => {
      const notes = cache.get(measuredUrl) ?? surroundings(deps, measuredUrl, signal)
      cache.set(measuredUrl, notes)
      return notes
    })
}

/** Uses `elsewhere` if the target names another machine with `ssh`, and `here` if not. */
function processDriver(here: TargetDriver, elsewhere: TargetDriver): TargetDriver {
  const driverOf = ({ target }: MeasuredConfig) =>
    machineNamedBy(target) === undefined ? here : elsewhere
  return {
    kind: here.kind,
    check: (config, signal) => driverOf(config).check(config, signal),
    start: (config, signal) => driverOf(config).start(config, signal),
  }
}

function withSurroundings(
  driver: TargetDriver,
  problem: SystemProblem | undefined,
  surroundingsOf: (
    measuredUrl: string | undefined,
    signal: AbortSignal,
  ) => Promise<readonly string[]>,
): TargetDriver {
  return {
    kind: driver.kind,
    start: (config, signal) => driver.start(config, signal),
    check: async (config, signal) => {
      if (problem !== undefined) return { available: false, ...problem }
      const availability = await driver.check(config, signal)
      if (!availability.available) return availability
      const measuredUrl = 'url' in config.target ? config.target.url : undefined
      const notes = [...availability.notes, ...(await surroundingsOf(measuredUrl, signal))]
      return { ...availability, notes }
    },
  }
}
