/** Facts about a container: its settings, its engine, and how often its CPU quota throttled it. */
import type { MachineTools } from '../../host/machine-tools.ts'
import type { Evidence } from '../../results/record.ts'
import { errorMessage, missingObservation, observation } from '../evidence/observe.ts'
import type { Observation } from '../target.ts'
import type { Container } from './container.ts'
import { readThrottling } from './cpu-throttling.ts'
import type { Docker } from './docker-cli.ts'
import { containerFacts, dockerInfo, dockerVersion, inspectedImage } from './inspection.ts'
import type { InspectedContainer } from './inspection.ts'

const throttlingFacts = [
  'containerPeriods',
  'containerThrottledPeriods',
  'containerThrottledMs',
] as const

const containerFactIds = ['containerImage', 'containerCpus', ...throttlingFacts] as const

/** Facts that never change are read before the trial only; the counters are read before and after it. Never throws. */
export async function observeContainer(
  container: Container,
  when: Evidence['when'],
  signal: AbortSignal,
  docker: Docker,
  tools: MachineTools,
): Promise<readonly Observation[]> {
  try {
    const inspected = await container.inspect()
    const counters = await observeThrottling(inspected, docker, tools, signal)
    if (when !== 'before') return [counters]
    const image = await docker.json(['image', 'inspect', inspected.Image], inspectedImage, {
      signal,
    })
    return [
      observation('docker inspect', [], containerFacts(inspected, image), ''),
      await observeEngine(docker, signal),
      counters,
    ]
  } catch (error) {
    return [missingObservation('docker inspect', containerFactIds, errorMessage(error))]
  }
}

async function observeThrottling(
  { Id, State }: InspectedContainer,
  docker: Docker,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<Observation> {
  if (!State.Running)
    return missingObservation('cgroup', throttlingFacts, 'the container had ended')
  const counters = await readThrottling(Id, State.Pid, docker, tools, signal)
  const reason = 'neither the machine nor the container shows its control group'
  return observation('cgroup', throttlingFacts, counters ?? {}, reason)
}

async function observeEngine(docker: Docker, signal: AbortSignal): Promise<Observation> {
  const facts = ['engineVersion', 'engineHost'] as const
  try {
    const [version, info] = await Promise.all([
      docker.json(['version', '--format={{json .}}'], dockerVersion, { signal }),
      docker.json(['info', '--format={{json .}}'], dockerInfo, { signal }),
    ])
    const values = { engineVersion: version.Server.Version, engineHost: info.OperatingSystem }
    return observation('docker version', facts, values, '')
  } catch (error) {
    return missingObservation('docker version', facts, errorMessage(error))
  }
}
