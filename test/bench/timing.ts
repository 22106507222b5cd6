/**
 * Compares the times that the load generator writes down to what a server did, which logs when the system had each
 * request and when each line left. The error of a request is its latency as the client saw it minus that of the log;
 * requests are matched by an id. A bare reader in C, beside it, shows what the machine allows. The contenders run
 * alternately. Where `taskset` is available, the server has the first CPU, and each contender the others.
 *
 * In the row `16-busy`, two processes that never wait run beside, one on each of the first two CPUs. There, the
 * estimates that the load generator makes of its own errors are compared to the errors.
 *
 * Two load generators of others, k6 and inference-perf, are contenders where they are installed: on the PATH, or where
 * `K6` and `INFERENCE_PERF` say.
 *
 * Needs Linux and a C compiler. `BENCH_ROWS=64-step,256-spread` chooses rows, `BENCH_REPEATS=1` shortens them, and
 * `BENCH_OTHER=FOLDER` adds the load generator of another checkout. With `BENCH_REALTIME=1`, which
 * needs root, the main threads have real-time priority except in the row `16-busy`, so that
 * other processes do not disturb them; of the programs of others, all threads have it.
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
import type { Contender } from './timing/contender.ts'
import { figuresOf, type Figures } from './timing/figures.ts'
import { installedPeers } from './timing/installed-peers.ts'
import { statedInLines } from './timing/printed-lines.ts'

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
  readonly figures: ReadonlyMap<Contender, readonly Figures[]>
}

export async function run(): Promise<readonly TimingRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-bench-'))
  try {
    const server = await compiled(folder, 'stream-server')
    const contenders = [await bareReader(folder), ...ownContenders(), ...(await installedPeers())]
    const chosen = process.env['BENCH_ROWS']?.split(',')
    const results: TimingRow[] = []
    for (const row of rows)
      if (chosen?.includes(`${row.streams}-${row.mode}`) !== false)
        results.push({ ...row, figures: await measureRow(folder, server, contenders, row) })
    return results
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function bareReader(folder: string): Promise<Contender> {
  const program = await compiled(folder, 'bare-reader')
  return {
    name: 'bare',
    isPeer: false,
    command: ({ url, users, rounds }) => [program, new URL(url).port, `${users}`, `${rounds}`],
    stated: (_, printed) => statedInLines(printed),
  }
}

function ownContenders(): readonly Contender[] {
  const own = loadClient('exp', fileURLToPath(new URL('timing/load-client.ts', import.meta.url)))
  const other = process.env['BENCH_OTHER']
  if (other === undefined) return [own]
  return [own, loadClient('other', join(other, 'test/bench/timing/load-client.ts'))]
}

function loadClient(name: string, script: string): Contender {
  return {
    name,
    isPeer: false,
    command: ({ url, users, rounds }) => [
      ...[process.execPath, ...process.execArgv, script],
      ...[url, `${users}`, `${rounds}`],
    ],
    stated: (_, printed) => statedInLines(printed),
  }
}

async function compiled(folder: string, program: string): Promise<string> {
  const source = fileURLToPath(new URL(`timing/${program}.c`, import.meta.url))
  const path = join(folder, program)
  await promisify(execFile)('cc', ['-O2', '-o', path, source])
  return path
}

async function measureRow(
  folder: string,
  server: string,
  contenders: readonly Contender[],
  row: Omit<TimingRow, 'figures'>,
): Promise<TimingRow['figures']> {
  const seen = new Map<Contender, Figures[]>()
  for (let repeat = 0; repeat < repeats; repeat += 1)
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(turn + repeat) % contenders.length]
      if (contender === undefined) continue
      const files = await mkdtemp(join(folder, 'load-'))
      const figures = await measure(server, row, contender, files)
      seen.set(contender, [...(seen.get(contender) ?? []), figures])
    }
  return seen
}

async function measure(
  server: string,
  { streams, mode }: Omit<TimingRow, 'figures'>,
  contender: Contender,
  folder: string,
): Promise<Figures> {
  const streamMode = mode === 'busy' ? 'spread' : mode
  const isRealtime = process.env['BENCH_REALTIME'] === '1' && mode !== 'busy'
  const priority = isRealtime ? ['chrt', '-f', '1'] : []
  // `-R`: threads that the program starts have no such priority
  const mainPriority = isRealtime ? ['chrt', '-R', '-f', '1'] : []
  const stream = spawn(
    ...onCpus('0', [
      ...mainPriority,
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
    const load = {
      url: `http://127.0.0.1:${port}`,
      users: streams,
      rounds: streams === 1 || mode === 'busy' ? 12 : 4,
      cpus: Math.max(1, cpus - 1),
      folder,
    }
    const others = cpus > 1 ? `1-${cpus - 1}` : '0'
    const client = spawn(
      ...onCpus(others, [
        ...(contender.isPeer ? priority : mainPriority),
        ...contender.command(load),
      ]),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const printed = await text(client.stdout)
    stream.stdin.end()
    await once(lines, 'close')
    return figuresOf(contender.stated(load, printed), log, streams, tokens)
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
