/**
 * How often a grid says that a factor matters that does not, and how often its intervals hold; against cells as
 * replicates.
 */
import type { FactorEffect } from '../../src/analysis/grid/grid-effects.ts'
import { meanInterval, type Estimate } from '../../src/stats/interval.ts'
import { analyseGridOf, gridExperiment, type CellTrial } from '../analysis/simulated-grid.ts'
import { sourceOf } from './simulated-run.ts'
import { atLeast, atMost, share, type Row, type Settings, type Table } from './table.ts'

const experiment = gridExperiment(
  '{env: {OLLAMA_NUM_PARALLEL: [1, 2, 4]}, options: {num_ctx: [2048, 8192]}, load: {users: [4, 8]}}',
  { show: 'show: [qps]' },
)
const [slots = '', context = '', users = ''] =
  experiment.grid?.factors.map(({ name }) => name) ?? []

interface GridWorld {
  readonly rounds: number
  /** The spread between starts of a server, which all cells of a start share. */
  readonly startSpread: number
  readonly trialSpread: number
  readonly drift: number
  /** Share of trials that are missing. */
  readonly missing: number
}
const usualGrid: GridWorld = {
  rounds: 6,
  startSpread: 0.02,
  trialSpread: 0.03,
  drift: 0.03,
  missing: 0.005,
}

/**
 * The logarithms of the true effects of the levels: slots and users help, context does not matter, and slots need
 * users.
 */
function truthOf({ levels }: CellTrial, matters: boolean): number {
  if (!matters) return 0
  const slotLevel = Math.log2(Number(levels[slots]))
  const isBusy = levels[users] === '8'
  return slotLevel * (isBusy ? 0.15 : 0.05) + (isBusy ? 0.1 : 0)
}

function simulatedGrid(world: GridWorld, seed: number, matters: boolean) {
  const { normal, random } = sourceOf(seed)
  const starts = new Map<string, number>()
  const last = world.rounds * (experiment.grid?.cells.length ?? 0)
  const values: { readonly trial: CellTrial; readonly log: number }[] = []
  const analysis = analyseGridOf(experiment, 'qps', world.rounds, (trial) => {
    // A start serves the cells that need no other variables.
    const start = `${String(trial.round)} ${String(trial.levels[slots])}`
    if (!starts.has(start)) starts.set(start, normal() * world.startSpread)
    const noise = normal() * world.trialSpread
    const drift = (-world.drift * trial.position) / last
    const log = truthOf(trial, matters) + (starts.get(start) ?? 0) + noise + drift
    if (random() < world.missing) return undefined
    values.push({ trial, log })
    return Math.exp(log)
  })
  return { effects: analysis.grid?.effects ?? [], values }
}

const effectOf = (effects: readonly FactorEffect[], name: string) =>
  effects.find(({ factor }) => factor.name === name)

/** The true contrasts of slots: the means over users. */
const trueSlots: Readonly<Record<string, number>> = { '1 2': 0.1, '1 4': 0.2, '2 4': 0.1 }

function covers({ interval }: { readonly interval?: { low: number; high: number } }, log: number) {
  const percent = Math.expm1(log) * 100
  return interval !== undefined && interval.low <= percent && percent <= interval.high
}

/** Counts each cell of each round as a measurement of its own. */
function asReplicates({ values }: ReturnType<typeof simulatedGrid>): Estimate | undefined {
  const logs = (level: string) =>
    values.filter(({ trial }) => trial.levels[slots] === level).map(({ log }) => log)
  const [one, other] = [logs('1'), logs('4')]
  const paired = one.slice(0, other.length).map((log, index) => (other[index] ?? log) - log)
  return meanInterval(paired, 0.95)
}

function rowOf(label: string, changed: Partial<GridWorld>, { experiments, seed }: Settings): Row {
  const world = { ...usualGrid, ...changed }
  const runs = (matters: boolean) =>
    Array.from({ length: experiments }, (_, index) =>
      simulatedGrid(world, seed * 100_003 + index * 2 + Number(matters), matters),
    )
  const [idle, busy] = [runs(false), runs(true)]
  const alarm = (name: string) =>
    atMost(
      0.05,
      share(
        experiments,
        (index) => effectOf(idle[index]?.effects ?? [], name)?.verdict === 'matters',
      ),
    )
  const coverage = (name: string, log: (pair: string) => number) =>
    atLeast(
      0.93,
      share(experiments, (index) => {
        const contrasts = effectOf(busy[index]?.effects ?? [], name)?.contrasts ?? []
        return contrasts.every((one) => covers(one, log(`${one.from} ${one.to}`)))
      }),
    )
  return {
    label,
    cells: [
      alarm(slots),
      alarm(users),
      coverage(slots, (pair) => trueSlots[pair] ?? NaN),
      coverage(context, () => 0),
      share(
        experiments,
        (index) => effectOf(busy[index]?.effects ?? [], slots)?.verdict === 'matters',
      ),
      share(
        experiments,
        (index) => effectOf(busy[index]?.effects ?? [], context)?.verdict === 'same',
      ),
    ],
  }
}

function replicatesRow(settings: Settings): Row {
  const world = { ...usualGrid, startSpread: 0.05 }
  const alarms = share(settings.experiments, (index) => {
    const interval = asReplicates(simulatedGrid(world, settings.seed * 7919 + index, false))
    return interval !== undefined && (interval.low > 0 || interval.high < 0)
  })
  return {
    label: 'Cells as replicates, starts differ by 5 %',
    cells: [alarms, ...Array.from({ length: 5 }, () => undefined)],
  }
}

export function factorsTable(settings: Settings): Table {
  const row = (label: string, changed: Partial<GridWorld>) =>
    rowOf(`**exp**, ${label}`, changed, settings)
  return {
    title: 'Factors of a grid',
    text: [
      'Three numbers of slots, two contexts and two numbers of users: twelve cells, 6 rounds. All cells with one number of slots in a round share a start of the server; starts differ by 0 to 5 %, trials by 3 %, and the session slows down by 3 %. 0.5 % of trials are missing.',
      '**False**: no factor has an effect, but the report says that it matters: slots, which need a restart, and users, which vary within a start. **Coverage**: each doubling of the slots adds 10 %, more with more users, and the context has no effect; all simultaneous intervals of the factor contain its true effects. **Found**: slots matter. **Same**: the report says that the context does not matter.',
      'The last row counts every cell of every round as a measurement of its own.',
    ],
    columns: [
      'False: slots',
      'False: users',
      'Coverage: slots',
      'Coverage: context',
      'Found: slots',
      'Same: context',
    ],
    rows: [
      row('starts are alike', { startSpread: 0 }),
      row('starts differ by 2 %', {}),
      row('starts differ by 5 %', { startSpread: 0.05 }),
      row('10 rounds, starts differ by 5 %', { startSpread: 0.05, rounds: 10 }),
      row('3 rounds, none missing', { rounds: 3, missing: 0 }),
      replicatesRow(settings),
    ],
  }
}
