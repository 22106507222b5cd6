/** Containers: whether a config runs in one, on what, and which GPUs it was given. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { kindFacts } from '../experiment/target-kinds.ts'
import { numberOf, targetOf, textOf } from './config-facts.ts'

export function runsInContainer(side: ConfigAnalysis): boolean {
  const kind = targetOf(side)
  return kind !== undefined && kindFacts(kind).isContainer
}

/** True if exp did not start the server: it may run on another machine, whose facts nobody read. */
export function mayRunElsewhere(side: ConfigAnalysis): boolean {
  const kind = targetOf(side)
  return kind !== undefined && !kindFacts(kind).startsServer
}

/** A container on a Mac always runs in a virtual machine, which has no GPU. */
export function isOnMac(side: ConfigAnalysis): boolean | undefined {
  const os = textOf(side, 'hostOs')
  return os === undefined ? undefined : /^mac ?os/i.test(os)
}

/** A document's own words are all there is of what it measured. */
export function isDeclaredContainer({ config }: Pick<ConfigAnalysis, 'config'>): boolean {
  return (
    config.kind === 'recorded' && /docker|container|容器/i.test(`${config.label} ${config.group}`)
  )
}

/** `MacBook Pro M1 Pro`, where the file declares one. */
export function declaredMac({ hardware }: Experiment): string | undefined {
  const device = hardware['device']
  return device !== undefined && /\bmac(book)?|\bimac|\bM[1-9]\b/i.test(device) ? device : undefined
}

/** Device requests of the container: undefined where `docker inspect` was not read. */
export function requestsGpu(side: ConfigAnalysis): boolean | undefined {
  const requests = textOf(side, 'containerDeviceRequests')
  return requests === undefined ? undefined : requests !== '[]'
}

export function cpuQuotaOf(side: ConfigAnalysis): number | undefined {
  return numberOf(side, 'containerCpus')
}
