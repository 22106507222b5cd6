/** How often a verdict is wrong where the truth lies at the threshold of a claim, and right where it lies beyond it. */
import type { VerdictCode } from '../../src/analysis/analysis.ts'
import type { Claim, Hypothesis } from '../../src/experiment/experiment.ts'
import type { Threshold } from '../../src/experiment/threshold.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { trueMean, trueQuantile } from '../stats/request-times.ts'
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
import { atMost, share, type Row, type Settings, type Table } from './table.ts'

const sides = { config: 'other', versus: 'one' } as const
const configs = [measuredConfig('one'), measuredConfig('other', { from: 'one' })]
/** The distance of the truth from the threshold, where it lies beyond it: 10 %. */
const beyond = Math.log(1.1)

interface Question {
  readonly label: string
  readonly claims: readonly Claim[]
  /** The logarithm of the true ratio of latencies if the truth lies at the threshold of each claim. */
  readonly atThreshold: number
  readonly world?: Partial<World>
}

const steady: Partial<World> = {
  trialSpread: [0.05, 0.05],
  correlation: 0,
  drift: 0,
  disturbed: 0,
  missing: 0,
}
const truth = requestTimes({ ...usualWorld, ...steady })

const questions: readonly Question[] = [
  { label: 'change, `<= 0%`', claims: [change('latencyMean', 0)], atThreshold: 0 },
  { label: 'change, `<= -10%`', claims: [change('latencyMean', -10)], atThreshold: Math.log(0.9) },
  { label: 'ratio of QPS, `>= 110%`', claims: [ratio('qps', 110)], atThreshold: -Math.log(1.1) },
  {
    label: '`same: 10%` (beyond: no change)',
    claims: [same('latencyMean', 10)],
    atThreshold: Math.log(1.1),
  },
  {
    label: 'value of the mean latency',
    claims: [value('latencyMean', medianMs * trueMean(truth))],
    atThreshold: 0,
    world: steady,
  },
  {
    label: 'value of the P95 latency',
    claims: [value('latencyP95', medianMs * trueQuantile(truth, 0.95))],
    atThreshold: 0,
    world: steady,
  },
  {
    label: '4 claims together, at least one wrong',
    claims: [
      change('latencyMean', 0),
      change('latencyP50', 0),
      change('latencyP95', 0),
      ratio('qps', 100),
    ],
    atThreshold: 0,
  },
]

function threshold(comparator: Threshold['comparator'], limit: number): Threshold {
  return { comparator, value: limit, text: `${comparator} ${limit}` }
}
function change(metric: string, percent: number): Claim {
  return { kind: 'change', metric, ...sides, threshold: threshold('<=', percent) }
}
function ratio(metric: string, percent: number): Claim {
  return { kind: 'ratio', metric, ...sides, threshold: threshold('>=', percent) }
}
function same(metric: string, band: number): Claim {
  return { kind: 'same', metric, ...sides, band, text: `${band}%` }
}
function value(metric: string, ms: number): Claim {
  return { kind: 'value', metric, config: 'other', threshold: threshold('<=', ms) }
}

/** The verdicts of one experiment. */
function verdicts(
  { claims, world }: Question,
  effect: number,
  source: Source,
): readonly VerdictCode[] {
  const all = { ...usualWorld, ...world }
  const hypotheses = claims.map((claim, index): Hypothesis => {
    return { id: `H${index + 1}`, statement: '', gate: false, claim }
  })
  const [one = [], other = []] = simulatedRun(all, [0, effect], source)
  const analysis = analysisOf(experimentOf(configs, { hypotheses, rounds: all.rounds }), {
    one: summaries(one, 'one'),
    other: summaries(other, 'other'),
  })
  return analysis.hypotheses.map(({ verdict }) => verdict.code)
}

function rowOf(question: Question, { experiments, seed }: Settings): Row {
  const { label, atThreshold } = question
  const source = sourceOf(seed)
  const decided = share(experiments, () =>
    verdicts(question, atThreshold, source).some(
      (code) => code === 'supported' || code === 'refuted',
    ),
  )
  let refuted = 0
  const supported = share(experiments, () => {
    const codes = verdicts(question, atThreshold - beyond, source)
    if (codes.includes('refuted')) refuted += 1
    return codes.includes('supported')
  })
  return {
    label,
    cells: [atMost(0.05, decided), supported, atMost(0.01, { hits: refuted, n: experiments })],
  }
}

export function verdictsTable(settings: Settings): Table {
  return {
    title: 'Verdicts of claims',
    text: [
      'The same experiments, with 6 rounds. The claims about values are judged against the mean and the P95 of all requests of endlessly many trials; in their simulations trials differ by 5 %, and nothing drifts.',
      '**Wrong at the threshold**: the truth lies exactly at the threshold, so that ✅ and ❌ are both wrong. **Right beyond it**: the truth lies 10 % on the claimed side, and the verdict is ✅; with 4 claims, at least one is. **Wrong beyond it**: there the verdict is ❌.',
    ],
    columns: ['Wrong at the threshold', 'Right beyond it', 'Wrong beyond it'],
    rows: questions.map((question, index) =>
      rowOf(question, { ...settings, seed: settings.seed + index }),
    ),
  }
}
