/** Compares `exp --version` of the built program to `node -e 0`, alternately. Requires `npm run build`. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median } from './median.ts'

export const name = 'start: `exp --version` compared to `node -e 0`'

const repeats = 15
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface StartResult {
  readonly programMs: number
  readonly nodeMs: number
  /** Median of the ratios of two consecutive starts. Aim: below 1.5. */
  readonly ratio: number
}

export async function run(): Promise<StartResult> {
  const programs: number[] = []
  const nodes: number[] = []
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    programs.push(await timeToExit([program, '--version']))
    nodes.push(await timeToExit(['-e', '0']))
  }
  const ratios = programs.map((ms, repeat) => ms / (nodes[repeat] ?? NaN))
  return { programMs: median(programs), nodeMs: median(nodes), ratio: median(ratios) }
}

async function timeToExit(args: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  await promisify(execFile)(process.execPath, args, { env: { PATH: process.env['PATH'] } })
  return performance.now() - startedAt
}
