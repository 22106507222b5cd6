/**
 * Lets one measurement run at a time on this machine, because two would disturb each other's timings. The lock
 * is a file in the state folder. A lock whose process has exited is stale, and is removed.
 */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { parseJson } from '../../json/json.ts'
import type { MachineTools } from '../machine-tools.ts'
import { identifyProcess, isRunning } from './process-group.ts'

const lockHolder = z.object({
  pid: z.int().min(1),
  start: z.string(),
  /** What this process measures. Other processes show it while they wait. */
  what: z.string(),
})
export type LockHolder = Readonly<z.infer<typeof lockHolder>>

export interface LockDependencies {
  readonly stateFolder: string
  readonly tools: MachineTools
}

const pollMs = 500
/** Two processes may replace a stale lock at the same moment. After this time, each checks which of them holds it. */
const settleMs = 100

const lockFile = (stateFolder: string) => join(stateFolder, 'measuring.json')

/**
 * Waits for the measurement lock and acquires it. Throws the signal's reason if the signal aborts.
 * @param purpose shown to other processes that wait, for example the experiment's id
 * @param onWait called once for each process that holds the lock while we wait
 * @returns a function that releases the lock
 */
export async function acquireMeasurementLock(
  purpose: string,
  deps: LockDependencies,
  signal: AbortSignal,
  onWait: (holder: LockHolder) => void,
): Promise<() => Promise<void>> {
  const file = lockFile(deps.stateFolder)
  const identity = await identifyProcess(process.pid, deps.tools)
  if (identity === undefined) throw new Error('this process cannot be identified')
  const content = JSON.stringify({ ...identity, what: purpose } satisfies LockHolder)
  const release = async () => {
    if ((await readFile(file, 'utf8').catch(() => '')) === content) await rm(file, { force: true })
  }
  let reported: number | undefined
  for (;;) {
    signal.throwIfAborted()
    const holder = await measurementLockHolder(deps)
    if (holder !== undefined) {
      if (reported !== holder.pid) onWait(holder)
      reported = holder.pid
      await pause(pollMs, signal)
    } else if (await tryCreate(file, content, signal)) return release
  }
}

/** The process that holds the lock, or `undefined` if nobody does. Removes a stale lock. */
export async function measurementLockHolder({
  stateFolder,
  tools,
}: LockDependencies): Promise<LockHolder | undefined> {
  const file = lockFile(stateFolder)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const holder = lockHolder.safeParse(parseJson(text)).data
  if (holder !== undefined && (await isRunning(holder, tools))) return holder
  await rm(file, { force: true })
  return undefined
}

/** Creates the lock file; returns false if another process created it first. */
async function tryCreate(file: string, content: string, signal: AbortSignal): Promise<boolean> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(draft, content)
  } catch {
    return true // if the state folder is not writable, run without a lock
  }
  // Links to a complete file, so that no other process reads half of it.
  const isFirst = await link(draft, file).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'EEXIST'),
  )
  await rm(draft)
  if (!isFirst) return false
  await pause(settleMs, signal)
  return (await readFile(file, 'utf8').catch(() => '')) === content
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
