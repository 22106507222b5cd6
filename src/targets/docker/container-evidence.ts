/** Evidence about a container of ours: what it is, what it runs on, and how often its CPU quota held it back. */
import type { MachineTools } from '../../host/machine-tools.ts'
import type { Evidence } from '../../results/record.ts'
import type { Container } from './container.ts'
import { readThrottling } from './cpu-throttling.ts'
import type { Docker } from './docker-cli.ts'
import { containerFacts, dockerInfo, dockerVersion, inspectedImage } from './inspection.ts'
import type { InspectedContainer } from './inspection.ts'
import { missingObservation, observation, errorMessage } from '../evidence/observe.ts'
import type { Observation } from '../target.ts'

const throttlingFacts = [
  'containerPeriods',
  'containerThrottledPeriods',
  'containerThrottledMs',
] as const

const containerFactIds = ['containerImage', 'containerCpus', ...throttlingFacts] as const

/** What stays the same is told before; the counters are told before and after. Never throws. */
export async function observeContainer(
  container: Container,
  when: Evidence['when'],
  signal: AbortSignal,
  docker: Docker,
  tools: MachineTools,
): Promise<readonly Observation[]> {
  try {
    return await inspect(container, when, signal, docker, tools)
  } catch (error) {
    return [missingObservation('docker inspect', containerFactIds, errorMessage(error))]
  }
}

async function inspect(
  container: Container,
  when: Evidence['when'],
  signal: AbortSignal,
  docker: Docker,
  tools: MachineTools,
): Promise<readonly Observation[]> {
  const inspected = await container.inspect()
  const counters = await observeThrottling(inspected, docker, tools, signal)
  if (when !== 'before') return [counters]
  const image = await docker.json(['image', 'inspect', inspected.Image], inspectedImage, { signal })
  const facts = containerFacts(inspected, image)
  return [
    observation('docker inspect', [], facts, ''),
    await observeEngine(docker, signal),
    counters,
  ]
}

async function observeThrottling(
  { Id, State }: InspectedContainer,
  docker: Docker,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<Observation> {
  if (!State.Running) return observation('cgroup', throttlingFacts, {}, 'the container had ended')
  const counters = await readThrottling(Id, State.Pid, docker, tools, signal)
  const why = 'neither the machine nor the container shows its control group'
  return observation('cgroup', throttlingFacts, counters ?? {}, why)
}

async function observeEngine(docker: Docker, signal: AbortSignal): Promise<Observation> {
  const tells = ['engineVersion', 'engineHost'] as const
  try {
    const [version, info] = await Promise.all([
      docker.json(['version', '--format={{json .}}'], dockerVersion, { signal }),
      docker.json(['info', '--format={{json .}}'], dockerInfo, { signal }),
    ])
    const facts = { engineVersion: version.Server.Version, engineHost: info.OperatingSystem }
    return observation('docker version', tells, facts, '')
  } catch (error) {
    return observation('docker version', tells, {}, errorMessage(error))
  }
}
