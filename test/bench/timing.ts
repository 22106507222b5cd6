/**
 * Compares the times that the load generator writes down to what a server did, which logs when the system had each
 * request and when each line left. The error of a request is its latency as the client saw it minus that of the log;
 * requests are matched by an id. A bare reader in C, beside it, shows what the machine allows. The contenders run
 * alternately. Where `taskset` is available, the server has the first CPU, and each contender the others.
 *
 * In the row `16-busy`, two processes that never wait run beside, one on each of the first two CPUs. There, the
 * estimates that the load generator makes of its own errors are compared to the errors.
 *
 * Needs Linux and a C compiler. `BENCH_ROWS=64-step,256-spread` chooses rows, `BENCH_REPEATS=1` shortens them, and
 * `BENCH_OTHER=FOLDER` adds the load generator of another checkout. With `BENCH_REALTIME=1`, which
 * needs root, the main threads have real-time priority except in the row `16-busy`, so that
 * other processes do not disturb them.
 */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median } from './median.ts'

const tokens = 32
const microsecondsBetweenTokens = 20_000
const repeats = Number(process.env['BENCH_REPEATS'] ?? 3)

const modes = ['step', 'spread'] as const
const rows = [
  ...[1, 16, 64, 256].flatMap((streams) => modes.map((mode) => ({ streams, mode }))),
  { streams: 16, mode: 'busy' as const },
]

export interface TimingRow {
  readonly streams: number
  /** `busy`: spread, beside two processes that never wait. */
  readonly mode: (typeof modes)[number] | 'busy'
  /** The figures of each contender, one for each repeat. */
  readonly figures: ReadonlyMap<string, readonly Figures[]>
}

/** Errors in milliseconds, and CPU time per token in microseconds. */
export interface Figures {
  readonly meanMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** P99 of the users' first requests. */
  readonly firstRoundP99Ms: number
  /** What the load generator estimates of `meanMs` and `p99Ms`; 0 for a contender that estimates nothing. */
  readonly estimatedMeanMs: number
  readonly estimatedP99Ms: number
  readonly firstTokenP99Ms: number
  /** What the load generator estimates of the error of `firstTokenP99Ms`. */
  readonly estimatedFirstTokenP99Ms: number
  readonly cpuUs: number
}

/** The median of a figure over the repeats. */
export function medianOf(all: readonly Figures[], name: keyof Figures): number {
  return median(all.map((figures) => figures[name]))
}

type Command = (port: number, streams: number, rounds: number) => readonly string[]

export async function run(): Promise<readonly TimingRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-bench-'))
  try {
    const server = await compiled(folder, 'stream-server')
    const reader = await compiled(folder, 'bare-reader')
    const ownClient = fileURLToPath(new URL('timing/load-client.ts', import.meta.url))
    const contenders: [string, Command][] = [
      ['bare', (port, ...counts) => [reader, String(port), ...counts.map(String)]],
      ['exp', loadClient(ownClient)],
    ]
    const other = process.env['BENCH_OTHER']
    if (other !== undefined)
      contenders.push(['other', loadClient(join(other, 'test/bench/timing/load-client.ts'))])
    const chosen = process.env['BENCH_ROWS']?.split(',')
    const results: TimingRow[] = []
    for (const row of rows)
      if (chosen?.includes(`${row.streams}-${row.mode}`) !== false)
        results.push({ ...row, figures: await measureRow(server, contenders, row) })
    return results
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function compiled(folder: string, program: string): Promise<string> {
  const source = fileURLToPath(new URL(`timing/${program}.c`, import.meta.url))
  const path = join(folder, program)
  await promisify(execFile)('cc', ['-O2', '-o', path, source])
  return path
}

function loadClient(script: string): Command {
  return (port, ...counts) => [
    process.execPath,
    ...process.execArgv,
    script,
    `http://127.0.0.1:${port}`,
    ...counts.map(String),
  ]
}

async function measureRow(
  server: string,
  contenders: readonly [string, Command][],
  row: Omit<TimingRow, 'figures'>,
): Promise<TimingRow['figures']> {
  const seen = new Map<string, Figures[]>()
  for (let repeat = 0; repeat < repeats; repeat += 1)
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const [who, command] = contenders[(turn + repeat) % contenders.length] ?? []
      if (who === undefined || command === undefined) continue
      const figures = await measure(server, row, command)
      seen.set(who, [...(seen.get(who) ?? []), figures])
    }
  return seen
}

async function measure(
  server: string,
  { streams, mode }: Omit<TimingRow, 'figures'>,
  command: Command,
): Promise<Figures> {
  const streamMode = mode === 'busy' ? 'spread' : mode
  const isRealtime = process.env['BENCH_REALTIME'] === '1' && mode !== 'busy'
  // `-R`: threads that the program starts have no such priority
  const priority = isRealtime ? ['chrt', '-R', '-f', '1'] : []
  const stream = spawn(
    ...onCpus('0', [
      ...priority,
      ...[server, String(tokens), String(microsecondsBetweenTokens), streamMode],
    ]),
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const spinning = mode === 'busy' ? spinners() : []
  const lines = createInterface(stream.stdout)
  const log: string[] = []
  try {
    const [port] = (await once(lines, 'line')) as [string]
    lines.on('line', (line) => log.push(line))
    const rounds = streams === 1 || mode === 'busy' ? 12 : 4
    const others = cpus > 1 ? `1-${cpus - 1}` : '0'
    const client = spawn(
      ...onCpus(others, [...priority, ...command(Number(port), streams, rounds)]),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const seen = (await text(client.stdout)).trim().split('\n')
    stream.stdin.end()
    await once(lines, 'close')
    return figuresOf(seen, log, streams)
  } finally {
    stream.kill()
    for (const spinner of spinning) spinner.kill()
  }
}

const cpus = availableParallelism()
const hasTaskset = (() => {
  try {
    execFileSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** The program and the arguments that run a command on these CPUs, if that is possible here. */
function onCpus(list: string, command: readonly string[]): [string, string[]] {
  const [program = '', ...args] = hasTaskset ? ['taskset', '-c', list, ...command] : command
  return [program, args]
}

function spinners(): readonly ChildProcess[] {
  return [0, Math.min(1, cpus - 1)].map((cpu) =>
    spawn(...onCpus(String(cpu), [process.execPath, '-e', 'for (;;);']), { stdio: 'ignore' }),
  )
}

/** Matches the client's lines with the server's, which have the id first. */
function figuresOf(seen: readonly string[], log: readonly string[], streams: number): Figures {
  const served = new Map(
    log.map((line) => {
      const [id = 0n, , reached = 0n, ...left] = line.split(' ').map(BigInt)
      return [id, { reached, last: left.at(-1) ?? 0n }] as const
    }),
  )
  const cpuNs = Number(seen.at(-1))
  const requests = seen.slice(0, -1).map((line) => {
    const [id = 0n, sent = 0n, first = 0n, end = 0n, ...estimates] = line.split(' ').map(BigInt)
    const [firstEstimate = 0n, estimate = 0n] = estimates
    const server = served.get(id)
    if (server === undefined) throw new Error(`the server has no request ${id}`)
    return {
      id,
      firstTokenMs: Number(first - sent) / 1e6,
      errorMs: Number(end - sent - (server.last - server.reached)) / 1e6,
      estimateMs: Number(estimate) / 1e6,
      firstEstimateMs: Number(firstEstimate) / 1e6,
    }
  })
  if (requests.length === 0 || requests.length !== served.size)
    throw new Error(`${requests.length} requests, of which the server saw ${served.size}`)
  const errors = requests.map(({ errorMs }) => errorMs)
  const first = requests.filter(({ id }) => id < streams).map(({ errorMs }) => errorMs)
  const estimates = requests.map(({ estimateMs }) => estimateMs)
  return {
    meanMs: mean(errors),
    p50Ms: quantile(errors, 0.5),
    p99Ms: quantile(errors, 0.99),
    firstRoundP99Ms: quantile(first, 0.99),
    estimatedMeanMs: mean(estimates),
    estimatedP99Ms: quantile(estimates, 0.99),
    firstTokenP99Ms: quantile(
      requests.map(({ firstTokenMs }) => firstTokenMs),
      0.99,
    ),
    estimatedFirstTokenP99Ms: quantile(
      requests.map(({ firstEstimateMs }) => firstEstimateMs),
      0.99,
    ),
    cpuUs: cpuNs / 1000 / (requests.length * tokens),
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** The smallest number that this share of the numbers does not exceed. */
function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * share) - 1] ?? NaN
}
