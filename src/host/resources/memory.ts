/** Reads how much memory processes use: from /proc on Linux, from `ps` on macOS, and from the tools of GPU drivers. */
import type { MachineTools } from '../machine-tools.ts'

export interface ProcessMemory {
  readonly pid: number
  readonly parent: number
  readonly residentBytes: number
}

/**
 * The number of readings per search for new processes. A search reads dozens of files, so one at each reading would
 * disturb the measurement.
 */
const readsPerSearch = 10

/**
 * Returns a function that reads the memory of a process and its descendants. It throws if the process has ended. On
 * Linux it looks for new descendants at the first call, at every tenth call, and whenever a known descendant has ended.
 */
export function processFamily(
  pid: number,
  tools: MachineTools,
): () => Promise<readonly ProcessMemory[]> {
  if (tools.platform !== 'linux') return async () => familyIn(await listWithPs(tools), pid)
  let known: readonly number[] = []
  let reads = 0
  return async () => {
    reads += 1
    if (reads % readsPerSearch !== 1) {
      const family = await readStatuses(known, tools)
      if (family.length === known.length) return family
    }
    const family = await findFamily(pid, tools)
    known = family.map((each) => each.pid)
    return family
  }
}

function familyIn(all: readonly ProcessMemory[], pid: number): readonly ProcessMemory[] {
  const family = all.filter((process) => process.pid === pid)
  if (family.length === 0) throw new Error('the server had ended')
  // The list grows while it is walked.
  for (const { pid: parent } of family)
    family.push(...all.filter((process) => process.parent === parent && process.pid !== pid))
  return family
}

async function listWithPs(tools: MachineTools): Promise<readonly ProcessMemory[]> {
  // One `-o` for each column: macOS takes everything after the first `=` as a heading.
  return parsePs(await tools.run('ps', ['-ax', '-o', 'pid=', '-o', 'ppid=', '-o', 'rss=']))
}

async function findFamily(pid: number, tools: MachineTools): Promise<readonly ProcessMemory[]> {
  const numbers = [pid]
  // The list grows while it is walked.
  for (const parent of numbers) {
    const children = await childrenOf(parent, tools)
    if (children === undefined) return familyIn(await readAllStatuses(tools), pid)
    numbers.push(...children)
  }
  return familyIn(await readStatuses(numbers, tools), pid)
}

/** The children of all threads of a process; `undefined` if the kernel does not list them. */
async function childrenOf(
  pid: number,
  tools: MachineTools,
): Promise<readonly number[] | undefined> {
  const read = (thread: string) =>
    tools.readText(`/proc/${pid}/task/${thread}/children`).catch(() => undefined)
  const threads = await tools.list(`/proc/${pid}/task`)
  const lists = await Promise.all(threads.map(read))
  if (lists.every((list) => list === undefined)) return undefined
  return lists.flatMap((list = '') =>
    list
      .split(' ')
      .filter((number) => number !== '')
      .map(Number),
  )
}

async function readAllStatuses(tools: MachineTools): Promise<readonly ProcessMemory[]> {
  const numbers = (await tools.list('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  return readStatuses(numbers, tools)
}

/** Leaves out processes that have ended. */
async function readStatuses(
  numbers: readonly number[],
  tools: MachineTools,
): Promise<readonly ProcessMemory[]> {
  const statuses = await Promise.all(
    numbers.map((number) => tools.readText(`/proc/${number}/status`).catch(() => '')),
  )
  return statuses.flatMap((status) => parseStatus(status) ?? [])
}

/** Parses /proc/PID/status; `undefined` for threads of the kernel and zombies, which have no memory. */
export function parseStatus(status: string): ProcessMemory | undefined {
  const value = (name: string) => new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1]
  const [pid, parent, kilobytes] = [value('Pid'), value('PPid'), value('VmRSS')]
  if (pid === undefined || parent === undefined || kilobytes === undefined) return undefined
  return { pid: Number(pid), parent: Number(parent), residentBytes: Number(kilobytes) * 1024 }
}

/** Parses lines of the process, its parent and its resident memory in KiB. */
export function parsePs(output: string): readonly ProcessMemory[] {
  return [...output.matchAll(/^[ \t]*(\d+)[ \t]+(\d+)[ \t]+(\d+)[ \t]*$/gm)].map(
    ([, pid, parent, kilobytes]) => ({
      pid: Number(pid),
      parent: Number(parent),
      residentBytes: Number(kilobytes) * 1024,
    }),
  )
}

/** The GPU memory of each process, in bytes. */
type BytesByProcess = ReadonlyMap<number, number>

export async function nvidiaMemory(tools: MachineTools): Promise<BytesByProcess> {
  const query = ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits']
  return parseComputeApps(await tools.run('nvidia-smi', query))
}

/**
 * Parses lines such as `48824, 238`: a process and its MiB on one GPU. Throws if the driver does not report the memory.
 */
export function parseComputeApps(csv: string): BytesByProcess {
  const lines = csv.split('\n').filter((line) => line.trim() !== '')
  return bytesByProcess(
    lines.map((line) => {
      const [, pid, mebibytes] = /^\s*(\d+),\s*(\d+)\s*$/.exec(line) ?? []
      if (pid === undefined)
        throw new Error('`nvidia-smi` does not say how much memory each process holds')
      return [Number(pid), Number(mebibytes) * 2 ** 20]
    }),
  )
}

export async function rocmMemory(tools: MachineTools): Promise<BytesByProcess> {
  return parseShowPids(await tools.run('rocm-smi', ['--showpids']))
}

/**
 * Parses the table of `rocm-smi --showpids`: process, name, GPUs, bytes and, in some versions, more columns. Throws if
 * there is no table, or if the driver does not report the memory.
 */
export function parseShowPids(output: string): BytesByProcess {
  if (!/^KFD process information/m.test(output)) throw new Error('`rocm-smi` lists no processes')
  const row = /^(\d+)[ \t]+\S.*?[ \t]+(?:\d+|UNKNOWN)[ \t]+(\d+|UNKNOWN)\b.*$/gm
  return bytesByProcess(
    [...output.matchAll(row)].map(([, pid, bytes]) => {
      if (bytes === 'UNKNOWN')
        throw new Error('`rocm-smi` does not say how much memory each process holds')
      return [Number(pid), Number(bytes)]
    }),
  )
}

/** A process that uses several GPUs may have an entry for each. */
function bytesByProcess(
  entries: readonly (readonly [pid: number, bytes: number])[],
): BytesByProcess {
  const total = new Map<number, number>()
  for (const [pid, bytes] of entries) total.set(pid, (total.get(pid) ?? 0) + bytes)
  return total
}
