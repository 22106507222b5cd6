/** How often audits raise an alarm about healthy trials, and find what is wrong. */
import type { AuditId, AuditOutcome } from '../../src/analysis/audits/audit.ts'
import type { Analysis } from '../../src/analysis/analysis.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import type { Counts } from '../../src/stats/interval.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { noisyPace, type PaceNoise } from '../support/noise.ts'
import {
  simulatedRun,
  sourceOf,
  summaries,
  usualWorld,
  type SimulatedTrial,
  type Source,
  type World,
} from './simulated-run.ts'
import { atLeast, atMost, share, type Row, type Settings, type Table } from './table.ts'

/** One experiment, healthy or with the planted fault: what the audit says. */
type Simulate = (planted: boolean, source: Source) => AuditOutcome

interface Checked {
  readonly label: string
  readonly simulate: Simulate
  /** The promised share of false alarms. */
  readonly alarms: number
  /** The promised share of faults found, if any. */
  readonly power?: number
}

function rowOf({ label, simulate, alarms, power }: Checked, { experiments, seed }: Settings): Row {
  let undecided = 0
  const source = sourceOf(seed)
  const falseAlarms = share(experiments, () => {
    const outcome = simulate(false, source)
    if (outcome === 'unchecked' || outcome === 'warn') undecided += 1
    return outcome === 'fail'
  })
  const found = share(experiments, () => simulate(true, source) === 'fail')
  return {
    label,
    cells: [
      atMost(alarms, falseAlarms),
      { hits: undecided, n: experiments },
      power === undefined ? found : atLeast(power, found),
    ],
  }
}

const outcomeOf = (analysis: Analysis, config: string, id: AuditId): AuditOutcome =>
  analysis.configs
    .find((each) => each.config.key === config)
    ?.audits.find((audit) => audit.id === id)?.outcome ?? 'unchecked'

/** Requests of a simulated server, about 40 a trial, that slow down by 25 % in each trial. */
function driftInTrials(rounds: number, correlation: number): Simulate {
  const experiment = experimentOf([measuredConfig('one')], { rounds })
  const noise: PaceNoise = { spread: 0.05, correlation, stragglers: 0.02 }
  return (planted, source) => {
    const one = roundsOf('one', rounds, (round) => ({
      windowMs: 2_700,
      noise: 0,
      seed: round,
      decodePace: noisyPace({ ...noise, slowdown: planted ? 1.25 : 1 }, source),
    }))
    return outcomeOf(analysisOf(experiment, { one }), 'one', 'drift')
  }
}

const pair = experimentOf([
  measuredConfig('one', { options: { temperature: 0.7 } }),
  measuredConfig('other', { from: 'one', options: { temperature: 0.7 } }),
])
const repeatable = experimentOf([measuredConfig('one'), measuredConfig('other', { from: 'one' })])

/** Both configs slow down over the session: by 40 %, or not. */
const driftOverRounds: Simulate = (planted, source) => {
  const world = { ...usualWorld, drift: planted ? Math.log(1.4) : 0 }
  const [one = [], other = []] = simulatedRun(world, [0, 0], source).map((trials, which) =>
    summaries(trials, which === 0 ? 'one' : 'other').map((trial): TrialSummary => {
      const logMs = Math.log(trial.figures.get('latencyP50')?.value ?? NaN)
      const trend = { change: 0.02 * source.normal(), error: 0.1, degrees: 4 }
      return { ...trial, tokenTime: { logMs, trend } }
    }),
  )
  return outcomeOf(analysisOf(pair, { one, other }), 'one', 'drift')
}

/** 5 % of answers are cut off, and 20 points more on the second side. */
const cutShort =
  (experiment: typeof pair, isRepeatable: boolean): Simulate =>
  (planted, source) => {
    const world: World = { ...usualWorld, failures: 0.05 }
    const extra = [0, planted ? 0.2 : 0]
    const cutSamples = extra.map((more) => drawSamples(0.05 + more, source))
    const [one = [], other = []] = simulatedRun(world, [0, 0], source, extra).map((trials, which) =>
      summaries(trials, which === 0 ? 'one' : 'other').map((summary, index) =>
        withCuts(summary, trials[index], isRepeatable ? cutSamples[which] : undefined),
      ),
    )
    return outcomeOf(analysisOf(experiment, { one, other }), 'other', 'cutShort')
  }

function drawSamples(rate: number, { random }: Source): ReadonlyMap<string, Counts> {
  const samples = Array.from({ length: 40 }, (_, index) => `c${index}`)
  return new Map(samples.map((id) => [id, { part: Number(random() < rate) * 2, whole: 2 }]))
}

/** The trial with these answers cut off, and no failures. */
function withCuts(
  summary: TrialSummary,
  trial: SimulatedTrial | undefined,
  cutBySample: ReadonlyMap<string, Counts> = new Map(),
): TrialSummary {
  const [cut, n] = [trial?.failed ?? 0, trial?.latencies.length ?? 0]
  const doneReasons = new Map([
    ['length', cut],
    ['stop', n - cut],
  ])
  return { ...summary, tallies: { ...summary.tallies, doneReasons, cutBySample } }
}

/** 2 % of requests fail, and 12 points more on the second side: does a claim about latency get a verdict? */
const okRates: Simulate = (planted, source) => {
  const experiment = {
    ...pair,
    hypotheses: [
      {
        id: 'H1',
        statement: '',
        gate: false,
        claim: {
          kind: 'change',
          metric: 'latencyMean',
          config: 'other',
          versus: 'one',
          threshold: { comparator: '<=', value: 0, text: '<= 0%' },
        },
      },
    ],
  } as const
  const world = { ...usualWorld, failures: 0.02 }
  const [one = [], other = []] = simulatedRun(world, [0, 0], source, [0, planted ? 0.12 : 0])
  const analysis = analysisOf(experiment, {
    one: summaries(one, 'one'),
    other: summaries(other, 'other'),
  })
  return analysis.hypotheses[0]?.verdict.reason?.code === 'ok-rates' ? 'fail' : 'pass'
}

const checks: readonly Checked[] = [
  {
    label: '`drift` of 25 % in each of 6 trials, requests alike (correlation 0.9)',
    simulate: driftInTrials(6, 0.9),
    alarms: 0.01,
    power: 0.75,
  },
  {
    label: '`drift` of 25 % in each of 6 trials, requests independent',
    simulate: driftInTrials(6, 0),
    alarms: 0.01,
    power: 0.75,
  },
  {
    label: '`drift` of 25 % in each of 3 trials, requests alike (correlation 0.9)',
    simulate: driftInTrials(3, 0.9),
    alarms: 0.01,
  },
  {
    label: '`drift` of 40 % over 6 rounds of two configs',
    simulate: driftOverRounds,
    alarms: 0.02,
  },
  {
    label: '`cutShort`, 20 points more, answers that vary',
    simulate: cutShort(pair, false),
    alarms: 0.05,
  },
  {
    label: '`cutShort`, 20 points more, temperature 0',
    simulate: cutShort(repeatable, true),
    alarms: 0.05,
  },
  {
    label: '⛔ for success rates: 12 points fewer, failures in clusters',
    simulate: okRates,
    alarms: 0.05,
  },
]

export function auditsTable(settings: Settings): Table {
  return {
    title: 'Audits',
    text: [
      'The first rows simulate each request of a server (about 40 a trial, 3 users): the times per token differ by 5 %, and 2 % of requests take 3 times as long. The others use the experiments above; in `cutShort` 5 % of the answers are cut off, in the last row 2 % of the requests fail, both in clusters by trial (the logarithm of a trial’s rate has a spread of 1).',
      '**False alarms**: the audit fails although nothing is wrong. **Undecided**: there it says that it cannot tell. **Found**: it fails where the fault is planted.',
    ],
    columns: ['False alarms', 'Undecided', 'Found'],
    rows: checks.map((check, index) => rowOf(check, { ...settings, seed: settings.seed + index })),
  }
}
