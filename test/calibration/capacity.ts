/**
 * How often a search for the capacity of a server is wrong where the truth lies at the objective, and right where it
 * lies beyond.
 */
import { capacityOf } from '../../src/analysis/analyse-capacity.ts'
import type { Capacity } from '../../src/analysis/capacity.ts'
import { conclusionConfidence } from '../../src/analysis/analyse.ts'
import type { Experiment } from '../../src/experiment/experiment.ts'
import type { LoadSeries } from '../../src/experiment/levels/load-series.ts'
import type { Objective } from '../../src/experiment/threshold.ts'
import { trueQuantile } from '../stats/request-times.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import {
  medianMs,
  requestTimes,
  simulatedRun,
  sourceOf,
  summaries,
  usualWorld,
  type Source,
  type World,
} from './simulated-run.ts'
import { atLeast, atMost, share, type Row, type Settings, type Table } from './table.ts'

const levels = [1, 2, 4, 8, 16]
/** The place of the level whose truth is the subject: the third, of 4 users. */
const middle = 2
const series: LoadSeries = {
  key: 'one',
  of: 'users',
  levels: levels.map((value) => ({ value, config: `one-users-${value}`, suffix: '' })),
}
const configs = series.levels.map(({ config }) => measuredConfig(config))
const experiment = experimentOf(configs, { rounds: 6 })

/** Levels share the start of their server, and so its pace; what is left differs from level to level. */
export const world: World = {
  ...usualWorld,
  trialSpread: [0.03, 0.03],
  correlation: 0,
  drift: 0,
  disturbed: 0,
  missing: 0,
  stragglers: 0,
  failures: 0,
}
export const startSpread = 0.03
const spread = Math.hypot(world.trialSpread[0], startSpread)
const trueP95 =
  medianMs * trueQuantile(requestTimes({ ...world, trialSpread: [spread, spread] }), 0.95)
export const objective: Objective = {
  metric: 'latencyP95',
  threshold: { comparator: '<=', value: trueP95, text: '' },
}

interface Case {
  readonly label: string
  /** The logarithm of the true P95 of each level over the objective. */
  readonly distances: readonly number[]
  readonly requests: number
}

export const twenty = Math.log(1.2)
const cases: readonly Case[] = [
  {
    label: 'one level at the objective, the others 1.5x apart',
    distances: levels.map((_, index) => Math.log(1.5) * (index - middle)),
    requests: 100,
  },
  {
    label: 'all levels at the objective',
    distances: levels.map(() => 0),
    requests: 100,
  },
  {
    label: 'three levels at the objective, 40 requests a window',
    distances: [-twenty, 0, 0, 0, twenty],
    requests: 40,
  },
]

export function capacityTable(settings: Settings): Table {
  return {
    title: 'Capacity: how many users can a config serve?',
    text: [
      `Five levels of users in six rounds on one server a round, whose starts spread by ${startSpread * 100} % and whose trials by 3 % more; the objective is a P95 latency. *False* counts searches whose *at least* names a level that is truly at the objective or beyond it, and whose *at most* lies below a level that is truly at it: of such a level, both statements are false.`,
      'In the last rows, the true P95 of every level lies 20 % or more from the objective: a search finds the capacity if *at least* and *at most* are both the true capacity. That takes about 100 requests in a window: a P95 of 40 requests depends on the slowest two.',
    ],
    columns: ['"at least" is false', '"at most" is false', 'finds the capacity'],
    rows: [
      ...cases.map((each) => falseRow(each, settings)),
      ...[100, 40].map((requests) => exactRow(requests, settings)),
    ],
  }
}

/** The levels whose truth lies at the objective are counted against both claims. */
function falseRow({ label, distances, requests }: Case, settings: Settings): Row {
  const atObjective = levels.filter((_, index) => distances[index] === 0)
  const [lowest = 0, highest = 0] = [atObjective[0], atObjective.at(-1)]
  const found = searches(distances, requests, settings)
  return {
    label,
    cells: [
      atMost(
        0.05,
        share(found.length, (index) => (found[index]?.atLeast ?? 0) >= lowest),
      ),
      atMost(
        0.05,
        share(found.length, (index) => (found[index]?.atMost ?? Infinity) < highest),
      ),
      undefined,
    ],
  }
}

function exactRow(requests: number, settings: Settings): Row {
  const distances = levels.map((_, index) => twenty * (index <= middle ? -1 : 1))
  const capacity = levels[middle]
  const found = searches(distances, requests, settings)
  const exactShare = share(
    found.length,
    (index) => found[index]?.atLeast === capacity && found[index]?.atMost === capacity,
  )
  return {
    label: `20 % from the objective, ${requests} requests a window`,
    cells: [
      atMost(
        0.05,
        share(found.length, (index) => (found[index]?.atLeast ?? 0) > (capacity ?? 0)),
      ),
      atMost(
        0.05,
        share(found.length, (index) => (found[index]?.atMost ?? Infinity) < (capacity ?? 0)),
      ),
      requests < 100 ? exactShare : atLeast(0.8, exactShare),
    ],
  }
}

function searches(
  distances: readonly number[],
  requests: number,
  { experiments, seed }: Settings,
): readonly Capacity[] {
  return Array.from({ length: experiments }, (_, index) =>
    search(distances, requests, sourceOf(seed * 1_000_003 + index)),
  )
}

function search(distances: readonly number[], requests: number, source: Source): Capacity {
  return capacityIn(series, experiment, distances, requests, source)
}

/** The capacity that six rounds show. @param distances of the levels of the series */
export function capacityIn(
  own: LoadSeries,
  measured: Experiment,
  distances: readonly number[],
  requests: number,
  source: Source,
): Capacity {
  const starts = Array.from({ length: 6 }, () => startSpread * source.normal())
  const trials = simulatedRun({ ...world, requests }, distances, source).map((trialsOfLevel) =>
    trialsOfLevel.map((trial) => ({
      ...trial,
      latencies: trial.latencies.map((ms) => ms * Math.exp(starts[trial.round - 1] ?? 0)),
    })),
  )
  const byKey = Object.fromEntries(
    own.levels.map(({ config }, index) => [
      config,
      summaries(trials[index] ?? [], config, { only: 'latencyP95' }),
    ]),
  )
  const analysis = analysisOf(measured, byKey)
  const analyses = new Map(analysis.configs.map((each) => [each.config.key, each]))
  return capacityOf(own, [objective], analyses, conclusionConfidence(1))
}
