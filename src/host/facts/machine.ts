/**
 * Facts about this machine. Input: access to files and programs. Output: one reading per source, with its
 * facts and the reason for each fact that is missing. The parsers are pure and are tested on recorded
 * output, so that those for macOS are tested on Linux too.
 */
import type { MachineTools } from '../machine-tools.ts'
import { linuxSources } from './linux.ts'
import { macSources } from './mac.ts'
import type { MachineFactId, MachineReading, MachineSource } from './machine-facts.ts'

/** @param which `changing` omits facts that stay the same while the machine runs, for example cores and memory */
export async function readMachine(
  tools: MachineTools,
  which: 'all' | 'changing' = 'all',
): Promise<readonly MachineReading[]> {
  const sources = [...nodeSources, ...systemSources(tools.platform)]
  const selected = which === 'all' ? sources : sources.filter((source) => source.changing)
  return Promise.all(selected.map((source) => readSource(source, tools)))
}

async function readSource(source: MachineSource, tools: MachineTools): Promise<MachineReading> {
  const missing = (ids: readonly MachineFactId[], reason: string) =>
    Object.fromEntries(ids.map((id) => [id, reason]))
  try {
    const facts = await source.read(tools)
    const absent = source.facts.filter((id) => facts[id] === undefined)
    const reason = source.reasonIfMissing ?? `${source.name} does not say`
    return { source: source.name, facts, missing: missing(absent, reason) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { source: source.name, facts: {}, missing: missing(source.facts, reason) }
  }
}

function systemSources(platform: NodeJS.Platform): readonly MachineSource[] {
  if (platform === 'linux') return linuxSources
  if (platform === 'darwin') return macSources
  return []
}

const nodeSources: readonly MachineSource[] = [
  {
    name: 'node:os',
    facts: ['hostArchitecture', 'cpuCount'],
    changing: false,
    read: (tools) =>
      Promise.resolve({ hostArchitecture: tools.architecture, cpuCount: tools.cpuCount }),
  },
]
