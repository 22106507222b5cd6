/**
 * Compares reading a stored trial of 1,000,000 requests (split lines, parse, check, store in columns, compute the
 * digest) to a loop that only parses the lines of the same file with `JSON.parse`.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeRecord } from '../../src/results/codec.ts'
import { ResultStore } from '../../src/results/store.ts'
import { digestOf, endOf, headerOf, requestOf } from '../results/sample-trial.ts'
import { median } from './median.ts'
import { parseLines } from './parse-loop.ts'

export const name = 'decode 1,000,000 stored requests'
const requests = 1_000_000
const file = 'trial.jsonl'

export interface DecodeResult {
  readonly parseMs: number
  readonly decodeMs: number
  /** Time of decoding divided by the time of the loop after it. Aim: at most 2.5. */
  readonly ratio: number
  /** Peak resident memory of this process so far. Aim: below 400 MB. */
  readonly peakMemoryBytes: number
}

/** Writes the trial to a temporary folder, times both loops alternately, and removes the folder. */
export async function run(): Promise<DecodeResult> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-bench-'))
  try {
    await mkdir(join(folder, 'results'))
    const path = join(folder, 'results', file)
    await writeTrial(path)
    const times: { decodeMs: number; parseMs: number }[] = []
    for (let repeat = 0; repeat < 5; repeat++)
      times.push({
        decodeMs: await timed(() => decode(folder)),
        parseMs: await timed(() => parseOnly(path)),
      })
    return {
      parseMs: median(times.map(({ parseMs }) => parseMs)),
      decodeMs: median(times.map(({ decodeMs }) => decodeMs)),
      ratio: median(times.map(({ decodeMs, parseMs }) => decodeMs / parseMs)),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function writeTrial(path: string): Promise<void> {
  const out = createWriteStream(path)
  out.write(encodeRecord(headerOf()))
  for (let index = 0; index < requests; index++) {
    const jitter = (index * 7919) % 1000
    const sentMs = index * 0.5 + jitter / 1000
    const record = requestOf(index, {
      sample: `c${index % 40}`,
      sentMs,
      firstByteMs: sentMs + 30.123 + jitter,
      firstContentMs: sentMs + 31.456 + jitter,
      longestGapMs: 5.5 + jitter / 100,
      endMs: sentMs + 100.789 + jitter,
      serverTotalMs: 97.125 + jitter,
      promptDigest: digestOf('0123456789abcdef'[index % 16] ?? '0'),
    })
    if (!out.write(encodeRecord(record))) await once(out, 'drain')
  }
  out.end(encodeRecord(endOf()))
  await once(out, 'close')
}

async function decode(folder: string): Promise<void> {
  const trial = await new ResultStore(folder).read(file)
  if (trial.requests.length !== requests) throw new Error('the trial lost requests')
}

async function parseOnly(path: string): Promise<void> {
  if ((await parseLines(path)) !== requests + 2) throw new Error('the loop lost lines')
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
