/** Every kind of target, made from what this machine offers. */
import type { MachineTools } from '../host/machine-tools.ts'
import type { TargetKind } from '../results/record.ts'
import { EmbeddedTarget } from './embedded-target.ts'
import type { StartEngine } from './embedded-target.ts'
import type { Environment } from './headers.ts'
import { localServerLog } from './local-server-log.ts'
import type { TargetDriver } from './target.ts'
import { UrlTarget } from './url-target.ts'

export interface TargetDependencies {
  /** `embedded/` starts it; this room may not know that room. */
  readonly startEngine: StartEngine
  readonly tools: MachineTools
  /** This process's environment. */
  readonly env: Environment
}

/** The driver for each kind; the one for `embedded` stands in for the others too. */
export function targetDrivers({
  startEngine,
  tools,
  env,
}: TargetDependencies): (kind: TargetKind) => TargetDriver {
  const drivers: Readonly<Record<TargetKind, TargetDriver>> = {
    embedded: new EmbeddedTarget(startEngine),
    url: new UrlTarget(env, localServerLog(tools)),
    process: notBuilt('process'),
    docker: notBuilt('docker'),
  }
  return (kind) => drivers[kind]
}

function notBuilt(kind: TargetKind): TargetDriver {
  return {
    kind,
    check: () =>
      Promise.resolve({
        available: false,
        why: `targets of kind \`${kind}\` are not built yet`,
        fix: 'use a `url` target, or `whenUnavailable: embedded`',
      }),
    start: () => Promise.reject(new Error(`targets of kind \`${kind}\` are not built yet`)),
  }
}
