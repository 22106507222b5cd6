/** How often a table of a report shows a change that does not exist, or misses one; against three simpler methods. */
import type { Change } from '../../src/analysis/analysis.ts'
import { welchInterval, type Estimate } from '../../src/stats/interval.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import {
  meanLogs,
  pooledLogs,
  simulatedRun,
  sourceOf,
  summaries,
  usualWorld,
  type Source,
  type World,
} from './simulated-run.ts'
import { atLeast, atMost, share, type Row, type Settings, type Share, type Table } from './table.ts'

/** What a method says about the mean latency of the second config. */
interface Answer {
  readonly says: 'slower' | 'faster' | 'nothing'
  /** Of the change in percent. */
  readonly interval?: { readonly low: number; readonly high: number }
}

/** @param effect the logarithm of the true ratio */
type Method = (world: World, effect: number, source: Source) => Answer

const experiment = experimentOf([measuredConfig('one'), measuredConfig('other', { from: 'one' })])
const only = 'latencyMean'
/** Runs of one definition differ by this much. */
const runEffect = 0.02

const paired: Method = (world, effect, source) => {
  const [one = [], other = []] = simulatedRun(world, [0, effect], source)
  return answerOf(
    changeBetween(summaries(one, 'one', { only }), summaries(other, 'other', { only })),
  )
}

const twoRuns: Method = (world, effect, source) => {
  const [one, other] = separateRuns(world, effect, source)
  return answerOf(
    changeBetween(
      summaries(one, 'one', { run: 'a', only }),
      summaries(other, 'other', { run: 'b', only }),
    ),
  )
}

const welch: Method = (world, effect, source) => {
  const [one, other] = separateRuns(world, effect, source)
  return answerOfLogs(welchInterval(meanLogs(one), meanLogs(other), 0.95))
}

const pooledRequests: Method = (world, effect, source) => {
  const [one = [], other = []] = simulatedRun(world, [0, effect], source)
  return answerOfLogs(welchInterval(pooledLogs(one), pooledLogs(other), 0.95))
}

const twoNumbers: Method = (world, effect, source) => {
  const [one, other] = separateRuns({ ...world, rounds: 1, missing: 0 }, effect, source)
  const change = (meanLogs(other)[0] ?? NaN) - (meanLogs(one)[0] ?? NaN)
  return {
    says: change > Math.log(1.05) ? 'slower' : change < Math.log(0.95) ? 'faster' : 'nothing',
  }
}

function separateRuns(world: World, effect: number, source: Source) {
  const run = (own: number) =>
    simulatedRun(world, [own + runEffect * source.normal()], source)[0] ?? []
  return [run(0), run(effect)] as const
}

function changeBetween(one: ReturnType<typeof summaries>, other: ReturnType<typeof summaries>) {
  return analysisOf(experiment, { one, other }).comparisons[0]?.changes.get(only)
}

function answerOf(change: Change | undefined): Answer {
  const says =
    change?.mark === 'worse' ? 'slower' : change?.mark === 'better' ? 'faster' : 'nothing'
  return { says, ...(change?.interval === undefined ? {} : { interval: change.interval }) }
}

function answerOfLogs(estimate: Estimate | undefined): Answer {
  if (estimate === undefined) return { says: 'nothing' }
  const [low, high] = [Math.expm1(estimate.low) * 100, Math.expm1(estimate.high) * 100]
  return { says: low > 0 ? 'slower' : high < 0 ? 'faster' : 'nothing', interval: { low, high } }
}

const effects = [0, 0.05, 0.1, 0.2]

/** @param holds true if the method is one of `exp`, which promises false alarms and coverage */
function rowOf(
  label: string,
  method: Method,
  world: Partial<World>,
  holds: boolean,
  { experiments, seed }: Settings,
): Row {
  let [covered, intervals] = [0, 0]
  const found = effects.map((effect, index): Share => {
    const source = sourceOf(seed + index)
    return share(experiments, () => {
      const { says, interval } = method({ ...usualWorld, ...world }, Math.log1p(effect), source)
      if (interval !== undefined) {
        intervals += 1
        if (interval.low <= effect * 100 && effect * 100 <= interval.high) covered += 1
      }
      return effect === 0 ? says !== 'nothing' : says === 'slower'
    })
  })
  const [alarms, ...powers] = found
  const coverage = intervals === 0 ? undefined : { hits: covered, n: intervals }
  return {
    label,
    cells: [
      alarms && (holds ? atMost(0.05, alarms) : alarms),
      coverage && (holds ? atLeast(0.94, coverage) : coverage),
      ...powers,
    ],
  }
}

export function changesTable(settings: Settings): Table {
  const own = (label: string, world: Partial<World>, method = paired) =>
    rowOf(`**exp**, ${label}`, method, world, true, settings)
  const other = (label: string, method: Method) => rowOf(label, method, {}, false, settings)
  return {
    title: 'Changes in tables',
    text: [
      'Two configs, 100 requests a trial. The second config is slower by 0, 5, 10 or 20 %. Trials differ by 2 to 8 %, consecutive trials are alike (correlation 0.3), the session slows down by 3 %, 2 % of trials are disturbed (30 % slower), 3 % are missing, requests differ by 30 %, and 2 % of them take 2 to 4 times as long. Two runs of the same thing differ by 2 %.',
      '**False alarms**: there is no change, but the table shows ⬆️ or ⬇️ for the mean latency. **Coverage**: the 95 % interval contains the true change. **Found**: the table shows ⬇️ for a true slowdown of that size.',
      'The last three rows are what many people do instead. *Welch*: all of one config, then all of the other, and Welch’s t test on the trials. *Pooled requests*: the same rounds as exp, but every request counts as an independent measurement. *Two numbers*: one trial of each, and a difference above 5 % counts.',
    ],
    columns: ['False alarms', 'Coverage', 'Found: 5 %', 'Found: 10 %', 'Found: 20 %'],
    rows: [
      own('3 rounds, none missing', { rounds: 3, missing: 0 }),
      own('6 rounds', {}),
      own('10 rounds', { rounds: 10 }),
      own('6 rounds, trials differ by 2 %', { trialSpread: [0.02, 0.02] }),
      own('6 rounds, trials differ by 8 %', { trialSpread: [0.08, 0.08] }),
      own('two runs of 6 trials', {}, twoRuns),
      other('Welch, two runs of 6 trials', welch),
      other('Pooled requests, 6 rounds', pooledRequests),
      other('Two numbers and 5 %', twoNumbers),
    ],
  }
}
