/**
 * Finds orphans: process groups and containers that still exist although the `exp` that started them has exited, for
 * example because it was killed. Ignores those that were started on another machine.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { machineId } from '../host/facts/machine.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import {
  endMarkedProcesses,
  endProcessGroup,
  groupExists,
  markedProcesses,
  isRunning,
} from '../host/processes/process-group.ts'
import { ownerLabel, parseOwner } from './docker/create-arguments.ts'
import type { Docker } from './docker/docker-cli.ts'
import { findEngine } from './docker/engine.ts'
import { forgetContainers, recordedContexts } from './docker/remote-containers.ts'
import { parseJson } from '../json/json.ts'

export interface Orphan {
  /** The name that users see: `` `ollama serve` (process 4711) ``. */
  readonly name: string
  readonly remove: () => Promise<void>
}

const graceMs = 5_000

export async function findOrphans(
  stateFolder: string,
  tools: MachineTools,
): Promise<readonly Orphan[]> {
  const orphans = await Promise.all([
    orphanedProcesses(stateFolder, tools),
    orphansInLocalEngine(tools),
    orphansOnOtherMachines(stateFolder, tools),
  ])
  return orphans.flat()
}

/** Finds orphaned process groups. Also removes the records of processes that have exited. */
async function orphanedProcesses(
  stateFolder: string,
  tools: MachineTools,
): Promise<readonly Orphan[]> {
  const orphans: Orphan[] = []
  for (const { started, forget: removeRecord } of await readStarted(stateFolder)) {
    const { leader, owner, mark, what: name } = started
    if (await isRunning(owner, tools)) continue
    const outsideGroup = await markedProcesses(mark, tools)
    if (outsideGroup.length > 0 || (await groupExists(leader, tools)))
      orphans.push({
        name: `\`${name}\` (process ${leader.pid})`,
        remove: async () => {
          // Re-check: the process may have exited meanwhile.
          if (await groupExists(leader, tools)) await endProcessGroup(leader.pid, graceMs)
          await endMarkedProcesses(mark, tools)
          await removeRecord()
        },
      })
    else await removeRecord()
  }
  return orphans
}

const labelledContainers = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()) }),
  }),
)

async function orphansInLocalEngine(tools: MachineTools): Promise<readonly Orphan[]> {
  const within = AbortSignal.timeout(listTimeoutMs)
  const engine = await findEngine(undefined, tools, within).catch(() => undefined)
  return engine === undefined ? [] : orphanedContainers(engine.docker, tools)
}

/**
 * Asks only the engines with a recorded container. The record of an engine that does not answer is kept for next time.
 */
async function orphansOnOtherMachines(
  stateFolder: string,
  tools: MachineTools,
): Promise<readonly Orphan[]> {
  const orphans: Orphan[] = []
  for (const [context, recorded] of await recordedContexts(stateFolder)) {
    // Checks first that `ssh` connects, because `docker` would ask for a password.
    const engine = await findEngine(context, tools, AbortSignal.timeout(2 * listTimeoutMs)).catch(
      () => undefined,
    )
    if (engine === undefined) continue
    const { docker } = engine
    const found = await orphanedContainers(docker, tools)
    orphans.push(...found)
    const existing = await existingContainers(docker)
    if (existing !== undefined)
      forgetContainers(
        stateFolder,
        recorded.filter((name) => !existing.has(name)),
      )
  }
  return orphans
}

const listTimeoutMs = 10_000

/** The names of all containers of exp; undefined if the engine does not answer. */
async function existingContainers(docker: Docker): Promise<ReadonlySet<string> | undefined> {
  const list = ['ps', '--all', '--format={{.Names}}', `--filter=label=${ownerLabel}`]
  const names = await docker.run(list, { timeoutMs: listTimeoutMs }).catch(() => undefined)
  return names === undefined ? undefined : new Set(names.split('\n'))
}

async function orphanedContainers(docker: Docker, tools: MachineTools): Promise<readonly Orphan[]> {
  try {
    const list = ['ps', '--all', '--quiet', '--no-trunc', `--filter=label=${ownerLabel}`]
    const ids = (await docker.run(list, { timeoutMs: listTimeoutMs }))
      .split('\n')
      .filter((id) => id !== '')
    if (ids.length === 0) return []
    const machine = await machineId(tools)
    const containers = await docker.json(['container', 'inspect', ...ids], labelledContainers)
    const isOrphaned = await Promise.all(
      containers.map(async ({ Config }) => {
        const owner = parseOwner(Config.Labels[ownerLabel] ?? '')
        return owner?.machine === machine && !(await isRunning(owner, tools))
      }),
    )
    return containers
      .filter((_, at) => isOrphaned[at])
      .map(({ Id, Name, Config }) => ({
        name: `container \`${Name.replace(/^\//, '')}\` of \`${Config.Image}\``,
        remove: async () => {
          await docker.run(['rm', '--force', '--volumes', Id])
        },
      }))
  } catch (error) {
    // Docker is not installed, or its engine is not running.
    if (error instanceof ExpError) return []
    throw error
  }
}

const identity = z.object({ pid: z.int().min(2), start: z.string().min(1) })

const startedProcess = z.object({
  /** The leader of the process group. */
  leader: identity,
  /** The `exp` that started it. */
  owner: identity,
  /** The value of `markVariable`, which also identifies processes that left the group. */
  mark: z.string().default(''),
  /** The name that users see: `ollama serve`. */
  what: z.string(),
})
export type StartedProcess = Readonly<z.infer<typeof startedProcess>>

const folderOf = (stateFolder: string) => join(stateFolder, 'started')

/**
 * Records that exp started a process. Writes synchronously, so that a crash cannot happen between the start and the
 * record. Returns a function that removes the record.
 */
export function recordStarted(stateFolder: string, started: StartedProcess): () => Promise<void> {
  const folder = folderOf(stateFolder)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${started.leader.pid}.json`)
  writeFileSync(file, JSON.stringify(started))
  return () => rm(file, { force: true })
}

/** The records of every `exp` on this machine, each with a function that removes it. Other files are ignored. */
export async function readStarted(
  stateFolder: string,
): Promise<readonly { readonly started: StartedProcess; readonly forget: () => Promise<void> }[]> {
  const folder = folderOf(stateFolder)
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'))
  const records = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name)
      const text = await readFile(file, 'utf8').catch(() => '')
      const parsed = startedProcess.safeParse(parseJson(text))
      return parsed.success
        ? [{ started: parsed.data, forget: () => rm(file, { force: true }) }]
        : []
    }),
  )
  return records.flat()
}
