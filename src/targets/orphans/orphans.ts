/**
 * What an `exp` that was killed left behind: process groups that it had recorded, containers with its label.
 * Only what is ours, of this machine, and whose owner is gone; another `exp` that still runs keeps what it has.
 */
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import { machineId } from '../../host/facts/machine-id.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { endMarkedProcesses, markedProcesses } from '../../host/processes/marked-processes.ts'
import { endProcessGroup, groupRemains } from '../../host/processes/process-group.ts'
import { isRunning } from '../../host/processes/process-identity.ts'
import { Docker } from '../docker/docker-cli.ts'
import { ownerLabel } from '../docker/create-arguments.ts'
import { parseOwner } from '../docker/owner.ts'
import { readStarted } from './started-record.ts'

export interface Orphan {
  /** For people: `` `ollama serve` (process 4711) ``. */
  readonly what: string
  readonly remove: () => Promise<void>
}

const graceMs = 5_000

export async function findOrphans(
  stateFolder: string,
  tools: MachineTools,
): Promise<readonly Orphan[]> {
  const found = await Promise.all([processes(stateFolder, tools), containers(tools)])
  return found.flat()
}

async function processes(stateFolder: string, tools: MachineTools): Promise<readonly Orphan[]> {
  const orphans: Orphan[] = []
  for (const { started, forget } of await readStarted(stateFolder)) {
    const { leader, owner, mark, what } = started
    if (await isRunning(owner, tools)) continue
    const escaped = await markedProcesses(mark, tools)
    if (escaped.length > 0 || (await groupRemains(leader, tools)))
      orphans.push({
        what: `\`${what}\` (process ${leader.pid})`,
        remove: async () => {
          // Asked again: time has gone by since it was found.
          if (await groupRemains(leader, tools)) await endProcessGroup(leader.pid, graceMs)
          await endMarkedProcesses(mark, tools)
          await forget()
        },
      })
    else await forget()
  }
  return orphans
}

const labelled = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()) }),
  }),
)

async function containers(tools: MachineTools): Promise<readonly Orphan[]> {
  const docker = new Docker(tools)
  try {
    const list = ['ps', '--all', '--quiet', '--no-trunc', `--filter=label=${ownerLabel}`]
    const ids = (await docker.run(list, { timeoutMs: 10_000 }))
      .split('\n')
      .filter((id) => id !== '')
    if (ids.length === 0) return []
    const machine = await machineId(tools)
    const found = await docker.json(['container', 'inspect', ...ids], labelled)
    const orphaned = await Promise.all(
      found.map(async ({ Config }) => {
        const owner = parseOwner(Config.Labels[ownerLabel] ?? '')
        return owner?.machine === machine && !(await isRunning(owner, tools))
      }),
    )
    return found
      .filter((_, at) => orphaned[at])
      .map(({ Id, Name, Config }) => ({
        what: `container \`${Name.replace(/^\//, '')}\` of \`${Config.Image}\``,
        remove: async () => {
          await docker.run(['rm', '--force', '--volumes', Id])
        },
      }))
  } catch (error) {
    if (error instanceof ExpError) return [] // no Docker, or an engine that does not run
    throw error
  }
}
