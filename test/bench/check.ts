/**
 * Compares `exp check` of 200 reports with 1,000 requests each, and `exp report` of one with 1,000,000, to a loop that
 * only parses the lines of the same files with `JSON.parse`. Both run alternately, so that other load on the machine
 * slows both. Figures are medians. Measures the built program, because the loader of TypeScript adds a call to each
 * function that has a name; requires `npm run build`.
 */
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openNotebook as openBuilt } from '../../dist/notebook/notebook.js'
import { openNotebook } from '../../src/notebook/notebook.ts'
import { encodeRecord } from '../../src/results/codec.ts'
import { headerOf, yaml } from '../notebook/project.ts'
import { median } from './median.ts'
import { parseLines } from './parse-loop.ts'
import { storedRequests } from './stored-requests.ts'

export interface NotebookResult {
  readonly what: string
  readonly parseMs: number
  readonly notebookMs: number
  /** Time of the notebook divided by the time of the loop after it. */
  readonly ratio: number
  /** The aim for the ratio. */
  readonly maxRatio: number
  /** Peak resident memory of this process so far, creating the project included. Aim: below 400 MB. */
  readonly peakMemoryBytes: number
}

/** Works in temporary folders, and removes them. */
export async function run(): Promise<readonly NotebookResult[]> {
  const many = await inProject(200, 1000, async (root) => {
    const { findings } = await openBuilt({ root }).check()
    if (findings.length > 0) throw new Error(`the check found: ${findings[0]?.message ?? ''}`)
  })
  const large = await inProject(1, 1_000_000, async (root) => {
    const notebook = openBuilt({ root })
    await notebook.publish(notebook.experiment('e0'))
  })
  return [
    { what: 'check 200 reports of 1,000 requests', maxRatio: 4, ...many },
    { what: 'report one of 1,000,000 requests', maxRatio: 3, ...large },
  ]
}

async function inProject(
  experiments: number,
  requests: number,
  work: (root: string) => Promise<void>,
): Promise<Omit<NotebookResult, 'what' | 'maxRatio'>> {
  const root = await mkdtemp(path.join(tmpdir(), 'exp-bench-'))
  try {
    const ids = Array.from({ length: experiments }, (_, index) => `e${index}`)
    mkdirSync(path.join(root, 'experiments'))
    for (const id of ids) {
      writeFileSync(path.join(root, 'experiments', `${id}.yaml`), yaml)
      await writeResults(root, id, requests)
    }
    const notebook = openBuilt({ root })
    for (const id of ids) await notebook.publish(notebook.experiment(id))
    const times: { notebookMs: number; parseMs: number }[] = []
    for (let repeat = 0; repeat < 7; repeat += 1)
      times.push({
        notebookMs: await timed(() => work(root)),
        parseMs: await timed(() => parseAll(root, ids)),
      })
    return {
      parseMs: median(times.map(({ parseMs }) => parseMs)),
      notebookMs: median(times.map(({ notebookMs }) => notebookMs)),
      ratio: median(times.map(({ notebookMs, parseMs }) => notebookMs / parseMs)),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    }
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** Writes four trials: two configs, two rounds. */
export async function writeResults(root: string, id: string, requests: number): Promise<void> {
  const folder = path.join(root, 'reports', id, 'results')
  mkdirSync(folder, { recursive: true })
  const experiment = openNotebook({ root }).experiment(id)
  let position = 0
  for (const round of [1, 2])
    for (const config of experiment.configs) {
      if (config.kind === 'recorded') continue
      position += 1
      const mean = config.key === 'slots-4' ? 300 : 400
      const header = headerOf(experiment, config, round, position)
      const out = createWriteStream(
        path.join(folder, `${header.run}-${config.key}-r${round}.jsonl`),
      )
      out.write(encodeRecord(header))
      let closeMs = 0
      for (const request of storedRequests(experiment, config, mean, requests / 4)) {
        closeMs = Math.max(closeMs, request.endMs)
        if (!out.write(encodeRecord(request))) await once(out, 'drain')
      }
      out.write(encodeRecord({ type: 'window', openMs: 0, closeMs }))
      const counts = { sent: requests / 4, ok: requests / 4, failed: 0, cancelled: 0 }
      out.end(
        encodeRecord({
          type: 'end',
          endedAt: '2025-08-06T15:10:00+08:00',
          outcome: 'ended',
          counts,
        }),
      )
      await once(out, 'close')
    }
}

async function parseAll(root: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const folder = path.join(root, 'reports', id, 'results')
    for (const file of readdirSync(folder))
      if ((await parseLines(path.join(folder, file))) === 0) throw new Error('nothing was parsed')
  }
}

export async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}
