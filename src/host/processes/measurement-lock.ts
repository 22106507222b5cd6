/**
 * One measurement at a time on this machine: two would disturb each other's figures. A file says whose turn it is;
 * a process that has ended has it no longer, however it ended.
 */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { MachineTools } from '../machine-tools.ts'
import { identifyProcess, isRunning } from './process-identity.ts'
import { parseJson } from '../../json/parse-json.ts'

const holder = z.object({
  pid: z.int().min(1),
  start: z.string(),
  /** For people: what it measures. */
  what: z.string(),
})
export type LockHolder = Readonly<z.infer<typeof holder>>

export interface LockPlace {
  readonly stateFolder: string
  readonly tools: MachineTools
}

const pollMs = 500
/** Two that find the file of a killed process at the same time may both replace it: the last one counts. */
const settleMs = 100

const fileOf = (stateFolder: string) => join(stateFolder, 'measuring.json')

/**
 * Waits until no other process has the turn, and takes it; what it returns gives it back. One that was killed has
 * it no longer.
 * @param onWait told whom it waits for, once each
 */
export async function acquireMeasurementLock(
  what: string,
  { stateFolder, tools }: LockPlace,
  signal: AbortSignal,
  onWait: (holder: LockHolder) => void,
): Promise<() => Promise<void>> {
  const file = fileOf(stateFolder)
  const own = await identifyProcess(process.pid, tools)
  if (own === undefined) throw new Error('this process cannot be identified')
  const ticket = JSON.stringify({ ...own, what } satisfies LockHolder)
  const give = async () => {
    if ((await readFile(file, 'utf8').catch(() => '')) === ticket) await rm(file, { force: true })
  }
  let told: number | undefined
  for (;;) {
    signal.throwIfAborted()
    const other = await measurementLockHolder({ stateFolder, tools })
    if (other !== undefined) {
      if (told !== other.pid) onWait(other)
      told = other.pid
      await pause(pollMs, signal)
    } else if (await claim(file, ticket, signal)) return give
  }
}

/** Who measures now; `undefined` where nobody does. What a killed process left is taken away. */
export async function measurementLockHolder({
  stateFolder,
  tools,
}: LockPlace): Promise<LockHolder | undefined> {
  const file = fileOf(stateFolder)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const found = parse(text)
  if (found !== undefined && (await isRunning(found, tools))) return found
  await rm(file, { force: true })
  return undefined
}

/** False where another was faster. */
async function claim(file: string, ticket: string, signal: AbortSignal): Promise<boolean> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(draft, ticket)
  } catch {
    return true // a folder that cannot be written holds nobody up
  }
  // Another reads the whole ticket or none.
  const isFirst = await link(draft, file).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'EEXIST'),
  )
  await rm(draft)
  if (!isFirst) return false
  await pause(settleMs, signal)
  return (await readFile(file, 'utf8').catch(() => '')) === ticket
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

function parse(text: string): LockHolder | undefined {
  return holder.safeParse(parseJson(text)).data
}
