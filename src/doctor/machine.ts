/** Cores, memory, GPU and disk, and what would disturb a measurement now. */
import { statfs } from 'node:fs/promises'
import { gib } from '../host/gib.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { machineWarnings, type MachineWarning } from '../host/facts/machine-warnings.ts'
import { machineFact, readMachine, type MachineFactId } from '../host/facts/machine.ts'
import type { Finding } from './finding.ts'

/** @param folder on the disk that results are written to */
export async function examineMachine(
  tools: MachineTools,
  folder: string,
): Promise<readonly Finding[]> {
  const [readings, { bavail, bsize }] = await Promise.all([readMachine(tools), statfs(folder)])
  const fact = (id: MachineFactId) => machineFact(readings, id)
  const size = (id: MachineFactId, name: string) => {
    const value = fact(id)
    return typeof value === 'number' ? [`${gib(value)}${name}`] : []
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
    judged('cores', `${cores}; the load generator takes one of them`, warnings, 'load'),
    judged('memory', memory === '' ? 'unknown' : memory, warnings, 'memory'),
    { what: 'GPU', state: 'known', detail: String(fact('gpu') ?? 'none found') },
    judged('disk', `${gib(free)} free`, warnings, 'disk'),
    ...warnings
      .filter(({ about }) => about === 'power' || about === 'heat')
      .map(
        ({ about, message: what, fix }) =>
          ({ what: about, state: 'lacking', detail: what, fix }) as const,
      ),
  ]
}

function judged(
  what: string,
  detail: string,
  warnings: readonly MachineWarning[],
  about: MachineWarning['about'],
): Finding {
  const warning = warnings.find((each) => each.about === about)
  if (warning === undefined) return { what, state: 'good', detail }
  return { what, state: 'lacking', detail, fix: warning.fix }
}
