/**
 * Compares `exp check` of 50 reports with charts to the same reports without, and `exp report --all` that draws all
 * charts to one that finds them drawn. Both run alternately; figures are medians.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openNotebook } from '../../src/notebook/notebook.ts'
import { yaml } from '../notebook/project.ts'
import { removeCharts } from '../notebook/without-charts.ts'
import { timed, writeResults } from './check.ts'
import { median } from './median.ts'

export interface ChartsResult {
  readonly what: string
  readonly withMs: number
  readonly withoutMs: number
  readonly ratio: number
  /** The aim for the ratio. */
  readonly maxRatio: number
}

const ids = Array.from({ length: 50 }, (_, index) => `e${index}`)
const repeats = 7

/** Works in temporary folders, and removes them. */
export async function run(): Promise<readonly ChartsResult[]> {
  const [drawn, plain] = [await project(), await project()]
  try {
    for (const id of ids) removeCharts(plain, id)
    const check = await compare(
      () => checked(drawn),
      () => checked(plain),
    )
    const report = await compare(
      () => published(drawn),
      () => published(drawn),
      () => {
        for (const id of ids) rmSync(path.join(drawn, 'reports', id, 'charts'), { recursive: true })
      },
    )
    return [
      { what: 'check 50 reports with charts', maxRatio: 1.3, ...check },
      { what: 'report --all that draws all charts', maxRatio: 3, ...report },
    ]
  } finally {
    for (const root of [drawn, plain]) rmSync(root, { recursive: true })
  }
}

async function project(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'exp-bench-'))
  mkdirSync(path.join(root, 'experiments'))
  for (const id of ids) {
    writeFileSync(path.join(root, 'experiments', `${id}.yaml`), yaml)
    await writeResults(root, id, 1000)
  }
  await published(root)
  return root
}

async function checked(root: string): Promise<void> {
  const { findings } = await openNotebook({ root }).check()
  const [first] = findings.filter(({ file }) => file !== 'reports/README.md')
  if (first !== undefined) throw new Error(`the check found: ${first.message}`)
}

async function published(root: string): Promise<void> {
  const notebook = openNotebook({ root })
  for (const id of ids) await notebook.publishReport(notebook.experiment(id))
  await notebook.publishIndex()
}

/** @param prepare runs before each `withCharts`, and is not timed */
async function compare(
  withCharts: () => Promise<void>,
  without: () => Promise<void>,
  prepare: () => void = () => undefined,
): Promise<Pick<ChartsResult, 'withMs' | 'withoutMs' | 'ratio'>> {
  const times: { withMs: number; withoutMs: number }[] = []
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    prepare()
    times.push({ withMs: await timed(withCharts), withoutMs: await timed(without) })
  }
  return {
    withMs: median(times.map(({ withMs }) => withMs)),
    withoutMs: median(times.map(({ withoutMs }) => withoutMs)),
    ratio: median(times.map(({ withMs, withoutMs }) => withMs / withoutMs)),
  }
}
