/** How often a capacity that exp searched for is wrong, and how often it is found. */
import type { Capacity } from '../../src/analysis/capacity.ts'
import { judge } from '../../src/analysis/search-windows.ts'
import {
  searchLevels,
  searchStep,
  type CapacitySearch,
  type SearchWindow,
} from '../../src/experiment/levels/capacity-search.ts'
import type { LoadSeries } from '../../src/experiment/levels/load-series.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { capacityIn, objective, startSpread, twenty, world } from './capacity.ts'
import { simulatedRun, sourceOf, summaries, type Source } from './simulated-run.ts'
import { atLeast, atMost, share, type Row, type Settings, type Table } from './table.ts'

const search: CapacitySearch = { of: 'users', from: 1, upTo: 16 }
const levels = searchLevels(search)

/** The true P95 of a level over the objective, as a logarithm. */
type Truth = (level: number) => number

interface Case {
  readonly label: string
  readonly truth: Truth
  readonly requests: number
}

const cases: readonly Case[] = [
  {
    label: 'latency grows with the users, 8 are at the objective',
    truth: (level) => Math.log(level / 8),
    requests: 100,
  },
  {
    label: 'the same, 40 requests a window',
    truth: (level) => Math.log(level / 8),
    requests: 40,
  },
  { label: 'all levels at the objective', truth: () => 0, requests: 100 },
  {
    label: 'levels from 4 to 8 at the objective, the others 20 % from it',
    truth: (level) => (level < 4 ? -twenty : level > 8 ? twenty : 0),
    requests: 100,
  },
]

/** The highest level of which the truth lies below the objective. */
const trueCapacity = 5

export function capacitySearchTable(settings: Settings): Table {
  return {
    title: 'Capacity: does a search find it?',
    text: [
      `A search from 1 to 16 users: windows on one start of the server, then six rounds of the two or three levels around the result, which alone decide. Starts and trials spread as above. *False* counts searches whose *at least* names a level that is truly at the objective or beyond it, and whose *at most* lies below a level that truly meets the objective or is at it.`,
      'In the last row, the true P95 of every level lies 20 % from the objective: a search finds the capacity if *at least* and *at most* are both the true capacity.',
    ],
    columns: ['"at least" is false', '"at most" is false', 'finds the capacity'],
    rows: [
      ...cases.map((each) => rowOf(each, settings)),
      rowOf(
        {
          label: '20 % from the objective, 100 requests a window',
          truth: (level) => (level <= trueCapacity ? -twenty : twenty),
          requests: 100,
        },
        settings,
        true,
      ),
    ],
  }
}

function rowOf(
  { label, truth, requests }: Case,
  { experiments, seed }: Settings,
  tells = false,
): Row {
  const found = Array.from({ length: experiments }, (_, index) =>
    searched(truth, requests, sourceOf(seed * 1_000_003 + index)),
  )
  const shareOf = (holds: (capacity: Capacity) => boolean) =>
    share(found.length, (index) => {
      const capacity = found[index]
      return capacity !== undefined && holds(capacity)
    })
  // A level at the objective counts against both claims; log(1) may miss 0 by a rounding error.
  const tooHigh = Math.min(...levels.filter((level) => truth(level) > -1e-9), Infinity)
  const carriedOrAt = Math.max(...levels.filter((level) => truth(level) < 1e-9))
  return {
    label,
    cells: [
      atMost(
        0.05,
        shareOf((capacity) => (capacity.atLeast ?? 0) >= tooHigh),
      ),
      atMost(
        0.05,
        shareOf((capacity) => (capacity.atMost ?? Infinity) < carriedOrAt),
      ),
      tells
        ? atLeast(
            0.8,
            shareOf(
              (capacity) => capacity.atLeast === trueCapacity && capacity.atMost === trueCapacity,
            ),
          )
        : undefined,
    ],
  }
}

/** One search and its rounds. */
function searched(truth: Truth, requests: number, source: Source): Capacity {
  const start = startSpread * source.normal()
  const windows: SearchWindow[] = []
  for (;;) {
    const step = searchStep(search, windows)
    if ('confirm' in step) return confirmed(step.confirm, truth, requests, source)
    const distance = truth(step.measure) + start
    const trials = simulatedRun({ ...world, requests, rounds: 1 }, [distance], source)
    const [summary] = summaries(trials[0] ?? [], 'one', { only: 'latencyP95' })
    windows.push({ level: step.measure, ...judge([objective], summary?.figures ?? new Map()) })
  }
}

function confirmed(
  chosen: readonly number[],
  truth: Truth,
  requests: number,
  source: Source,
): Capacity {
  const series: LoadSeries = {
    key: 'one',
    of: 'users',
    levels: chosen.map((value) => ({ value, config: `one-users-${value}`, suffix: '' })),
  }
  const configs = series.levels.map(({ config }) => measuredConfig(config))
  const experiment = experimentOf(configs, { rounds: 6 })
  return capacityIn(series, experiment, chosen.map(truth), requests, source)
}
