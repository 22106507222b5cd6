/** Facts about a config's container: its host, its GPUs and its CPU quota. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { kindFacts } from '../experiment/target-kinds.ts'
import { numberOf, targetOf, textOf } from './config-facts.ts'

export function runsInContainer(side: ConfigAnalysis): boolean {
  const kind = targetOf(side)
  return kind !== undefined && kindFacts(kind).isContainer
}

/** True if exp did not start the server, which may then run on another machine, whose facts are not in the results. */
export function mayRunElsewhere(side: ConfigAnalysis): boolean {
  const kind = targetOf(side)
  return kind !== undefined && !kindFacts(kind).startsServer
}

/** True if the host runs macOS, where a container runs in a virtual machine without a GPU; `undefined` if not known. */
export function isOnMac(side: ConfigAnalysis): boolean | undefined {
  const os = textOf(side, 'hostOs')
  return os === undefined ? undefined : /^mac ?os/i.test(os)
}

/** True if the label or group of a recorded config says that it ran in a container. */
export function isDeclaredContainer({ config }: Pick<ConfigAnalysis, 'config'>): boolean {
  return (
    config.kind === 'recorded' && /docker|container|容器/i.test(`${config.label} ${config.group}`)
  )
}

/** The Mac that the experiment file declares, for example `MacBook Pro M1 Pro`. */
export function declaredMac({ hardware }: Experiment): string | undefined {
  const device = hardware['device']
  return device !== undefined && /\bmac(book)?|\bimac|\bM[1-9]\b/i.test(device) ? device : undefined
}

/** True if the container was started with device requests; `undefined` if `docker inspect` was not read. */
export function requestsGpu(side: ConfigAnalysis): boolean | undefined {
  const requests = textOf(side, 'containerDeviceRequests')
  return requests === undefined ? undefined : requests !== '[]'
}

export function cpuQuotaOf(side: ConfigAnalysis): number | undefined {
  return numberOf(side, 'containerCpus')
}
