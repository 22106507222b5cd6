import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/analysis/analysis.ts'
import { unmetGates } from '../../src/analysis/hypothesis.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import type { Claim, Hypothesis, MeasuredConfig } from '../../src/experiment/experiment.ts'
import type { Evidence } from '../../src/results/record.ts'
import { experimentOf, measuredConfig, recordedConfig } from '../report/support/analysis.ts'
import type { Simulation } from './simulate.ts'
import { analysisOf, roundsOf } from './story.ts'

const native = measuredConfig('native')
const tuned = measuredConfig('tuned', { from: 'native' })
const checks = { ...native.dataset, checks: [{ name: '类别准确性', measure: 'exact' as const }] }
const threshold = (comparator: '<=' | '<' | '>=' | '>', value: number) => ({
  comparator,
  value,
  text: `${comparator} ${value}`,
})
type Rounds = readonly TrialSummary[]
const rounds = (
  config: string,
  count: number,
  simulation: Simulation | ((round: number) => Simulation) = {},
): Rounds =>
  roundsOf(config, count, typeof simulation === 'function' ? simulation : () => simulation)

interface Case {
  readonly claim: Claim
  readonly native?: Rounds
  readonly tuned?: Rounds
  readonly configs?: readonly [MeasuredConfig, MeasuredConfig]
  readonly standIn?: boolean
  readonly claims?: number
}

function resultOf({ claim, native: from, tuned: to, configs, standIn = false, claims = 1 }: Case) {
  const hypotheses = Array.from({ length: claims }, (_, index): Hypothesis => {
    return { id: `H${index}`, statement: '', gate: true, claim }
  })
  const experiment = experimentOf(configs ?? [native, tuned], { rounds: 6, hypotheses })
  const trials = { ...(from && { native: from }), ...(to && { tuned: to }) }
  const analysis = analysisOf(experiment, trials, { standIn })
  return { analysis, result: analysis.hypotheses[0]! }
}
const verdictOf = (given: Case): Verdict => resultOf(given).result.verdict

const change = (comparator: '<=' | '>=', value: number, metric = 'latencyMean'): Claim => ({
  kind: 'change',
  metric,
  config: 'tuned',
  versus: 'native',
  threshold: threshold(comparator, value),
})
const same = (band: number, metric = 'latencyMean'): Claim => ({
  kind: 'same',
  metric,
  config: 'tuned',
  versus: 'native',
  band,
  text: `${band}%`,
})
// about 50 % less latency, with a spread of 1 % between trials
const spread =
  (pace: number, by = 0.01) =>
  (round: number): Simulation => ({
    pace: pace * (1 + by * Math.sin(round * 2.3)),
  })
const slow = rounds('native', 6, spread(2))
const fast = rounds('tuned', 6, spread(1))

const ratio = (comparator: '<=' | '>=', value: number): Claim => ({
  kind: 'ratio',
  metric: 'qps',
  config: 'tuned',
  versus: 'native',
  threshold: threshold(comparator, value),
})
const value = (comparator: '<=' | '>=', ms: number): Claim => ({
  kind: 'value',
  metric: 'latencyMean',
  config: 'tuned',
  threshold: threshold(comparator, ms),
})
/** What was measured of a claim, on which a threshold straddles its interval. */
const measuredOf = (claim: Claim, native = slow, tuned = fast) =>
  resultOf({ claim, native, tuned }).result.measured ?? NaN

describe('a claim with an interval', () => {
  it.each([
    ['supported', change('<=', -30)],
    ['refuted', change('<=', -60)],
    ['refuted', change('>=', 0)],
    ['inconclusive', change('<=', -50)],
    ['refuted', same(5)],
    ['supported', same(80)],
    [
      'supported',
      {
        kind: 'ratio',
        metric: 'qps',
        config: 'tuned',
        versus: 'native',
        threshold: threshold('>=', 180),
      },
    ],
    [
      'refuted',
      {
        kind: 'ratio',
        metric: 'qps',
        config: 'native',
        versus: 'tuned',
        threshold: threshold('>=', 80),
      },
    ],
    [
      'supported',
      { kind: 'value', metric: 'latencyMean', config: 'tuned', threshold: threshold('<=', 250) },
    ],
    [
      'refuted',
      { kind: 'value', metric: 'latencyMean', config: 'native', threshold: threshold('<=', 250) },
    ],
  ] as const)('is %s where its interval lies so', (code, claim) => {
    const verdict = verdictOf({ claim, native: slow, tuned: fast })
    expect(verdict).toMatchObject({ code, n: 6, of: 'rounds', unpaired: false, uncheckable: false })
  })

  it.each([
    ['ratio', (at: number) => ratio('>=', at), ratio('>=', 1)],
    ['value', (at: number) => value('<=', at), value('<=', 1)],
    ['same', (at: number) => same(Math.abs(at)), same(1)],
  ])('is inconclusive where its %s straddles', (_, claimAt, any) => {
    const claim = claimAt(measuredOf(any))
    expect(verdictOf({ claim, native: slow, tuned: fast }).code).toBe('inconclusive')
  })

  it('that straddles says what could have been shown, and what it would take', () => {
    const claim = change('<=', -3)
    const noisy =
      (pace: number) =>
      (round: number): Simulation => ({ pace: pace * (1 + 0.05 * Math.sin(round * pace * 9)) })
    const { outlook, code } = verdictOf({
      claim,
      native: rounds('native', 6, noisy(1)),
      tuned: rounds('tuned', 6, noisy(0.96)),
    })
    expect(code).toBe('inconclusive')
    expect(outlook!.detectable).toBeGreaterThan(2)
    expect(outlook!.detectable).toBeLessThan(30)
    expect(outlook!.more).toBeGreaterThan(6)
  })

  it('says where its sides were measured apart', () => {
    const other = rounds('tuned', 6, (round) => ({
      ...spread(1)(round),
      header: { run: 'later', host: { id: 'other' } },
    }))
    expect(verdictOf({ claim: change('<=', -30), native: slow, tuned: other })).toMatchObject({
      code: 'supported',
      unpaired: true,
      onDifferentHosts: true,
    })
    expect(verdictOf({ claim: change('<=', -30), native: slow, tuned: fast })).toMatchObject({
      unpaired: false,
      onDifferentHosts: false,
    })
  })

  it('of many is judged together with them, and so more strictly', () => {
    const [one, ten] = [1, 10].map(
      (claims) => resultOf({ claim: change('<=', -30), native: slow, tuned: fast, claims }).result,
    )
    expect(ten!.interval!.confidence).toBeCloseTo(0.995, 12)
    expect(ten!.interval!.low).toBeLessThan(one!.interval!.low)
  })

  it('about a score counts samples', () => {
    const configs = [
      { ...native, dataset: checks },
      { ...tuned, dataset: checks },
    ] as const
    const claim = same(5, 'score.类别准确性')
    const verdict = verdictOf({ claim, native: slow, tuned: fast, configs })
    expect(verdict).toMatchObject({ code: 'inconclusive', n: 40, of: 'samples' })
    // 6.1 points either way with 40 samples, so a multiple of them for 5
    expect(verdict.outlook!.more).toBeGreaterThan(40)
    expect(
      verdictOf({ claim: same(7, 'score.类别准确性'), native: slow, tuned: fast, configs }).code,
    ).toBe('supported')
  })
})

describe('a claim without an interval', () => {
  const [from, to] = [slow.slice(0, 2), fast.slice(0, 2)]
  it.each([
    ['indicated-for', change('<=', -30)],
    ['indicated-against', change('<=', -60)],
    ['inconclusive', change('<=', -49)],
    ['indicated-against', same(5)],
    ['indicated-for', same(60)],
    ['indicated-for', ratio('>=', 180)],
    ['indicated-against', ratio('>=', 220)],
    ['indicated-for', value('<=', 250)],
    ['indicated-against', value('<=', 150)],
  ] as const)('is %s, never more', (code, claim) => {
    expect(verdictOf({ claim, native: from, tuned: to })).toMatchObject({ code, n: 2 })
  })

  it.each([
    ['ratio', ratio('>=', measuredOf(ratio('>=', 1), from, to) * 1.005)],
    ['value', value('<=', measuredOf(value('<=', 1), from, to) * 1.005)],
    ['same', same(Math.abs(measuredOf(same(1), from, to)) + 1)],
  ])('is inconclusive where its %s clears the threshold by less than the floor', (_, claim) => {
    expect(verdictOf({ claim, native: from, tuned: to }).code).toBe('inconclusive')
  })

  it('of recorded figures says that they cannot show that they agree', () => {
    const recorded = [
      recordedConfig('native', { figures: [{ metric: 'latencyMean', value: 400 }] }),
      recordedConfig('tuned', { from: 'native', figures: [{ metric: 'latencyMean', value: 200 }] }),
    ]
    const hypotheses = [{ id: 'H', statement: '', gate: false, claim: change('<=', -30) }]
    const { hypotheses: results } = analysisOf(experimentOf(recorded, { hypotheses }), {})
    expect(results[0]).toMatchObject({
      measured: -50,
      verdict: { code: 'indicated-for', uncheckable: true, n: 0 },
    })
  })
})

describe('a claim that is not judged', () => {
  it.each([change('<=', -30), ratio('>=', 80), same(5), value('<=', 250)])(
    'waits for what is not measured yet: $kind',
    (claim) => {
      expect(verdictOf({ claim, native: slow }).code).toBe('pending')
    },
  )

  it.each([
    [
      'a config failed',
      { native: slow, tuned: rounds('tuned', 3, { end: { outcome: 'failed' } }) },
      { code: 'failed', config: 'tuned' },
    ],
    [
      'a trial failed an audit that the metric rests on',
      {
        native: slow,
        tuned: rounds('tuned', 6, (round) =>
          round === 4
            ? { end: { client: { loopDelayP99Ms: 90, loopDelayIdleP99Ms: 1, cpuMs: 1 } } }
            : {},
        ),
      },
      { code: 'audit', audit: 'clientBound', config: 'tuned' },
    ],
    [
      'survivors would be compared',
      {
        native: slow,
        tuned: rounds('tuned', 6, {
          alter: (request) =>
            request.index % 10 === 0 ? { ...request, outcome: 'timeout' } : request,
        }),
      },
      { code: 'ok-rates', from: 100 },
    ],
    [
      'there are too few requests for its tail',
      {
        claim: change('<=', -30, 'latencyP99'),
        native: slow,
        tuned: rounds('tuned', 6, { windowMs: 3000 }),
      },
      { code: 'no-figure', config: 'tuned', absence: { code: 'too-few', minSamples: 100 } },
    ],
  ] as const)('because %s', (_, given, reason) => {
    expect(verdictOf({ claim: change('<=', -30), ...given })).toMatchObject({
      code: 'none',
      reason,
    })
  })

  it('because its results are a stand-in, except where both sides asked for the same target', () => {
    const docker = { ...tuned, target: { kind: 'docker', image: 'x', pull: false } } as const
    const given = { claim: change('<=', -30), native: slow, tuned: fast, standIn: true }
    expect(verdictOf({ ...given, configs: [native, docker] })).toMatchObject({
      code: 'none',
      reason: { code: 'stand-in' },
    })
    expect(verdictOf(given).code).toBe('supported')
    const value: Claim = {
      kind: 'value',
      metric: 'latencyMean',
      config: 'tuned',
      threshold: threshold('<=', 250),
    }
    expect(verdictOf({ ...given, claim: value }).reason).toEqual({ code: 'stand-in' })
  })
})

describe('two sides that differ undeclared', () => {
  const seen = (facts: Evidence['facts']): Simulation => ({
    evidence: [{ type: 'evidence', atMs: 0, source: '/api/show', when: 'before', facts }],
  })
  const facts = {
    serverVersion: '0.11.3',
    modelDigest: 'sha256:a',
    quantization: 'Q4_K_M',
    contextLength: 4096,
  }
  const from = rounds('native', 6, (round) => ({ ...spread(2)(round), ...seen(facts) }))
  const against = (other: Evidence['facts'], configs?: readonly [MeasuredConfig, MeasuredConfig]) =>
    verdictOf({
      claim: change('<=', -30),
      native: from,
      tuned: rounds('tuned', 6, (round) => ({
        ...spread(1)(round),
        ...seen({ ...facts, ...other }),
      })),
      ...(configs && { configs }),
    })

  it.each([
    ['serverVersion', '0.12.4'],
    ['modelDigest', 'sha256:b'],
    ['quantization', 'Q8_0'],
    ['contextLength', 2048],
  ] as const)('in %s are not compared', (id, value) => {
    expect(against({ [id]: value })).toMatchObject({
      code: 'none',
      reason: {
        code: 'not-comparable',
        differences: [{ id, from: String(facts[id]), to: String(value), accepted: false }],
      },
    })
  })

  it('are where the file accepts it, and that is said', () => {
    const accepting = { ...tuned, accept: ['serverVersion'] }
    expect(against({ serverVersion: '0.12.4' }, [native, accepting])).toMatchObject({
      code: 'supported',
      accepted: [{ id: 'serverVersion', from: '0.11.3', to: '0.12.4', accepted: true }],
    })
  })

  it.each([
    [{ modelDigest: 'sha256:b', quantization: 'Q8_0' }, { model: { name: 'qwen3:1.7b' } }],
    [{ contextLength: 2048 }, { options: { num_ctx: 2048 } }],
    [{ contextLength: 2048 }, { env: { OLLAMA_CONTEXT_LENGTH: '2048' } }],
  ] as const)('in what the file declares are what is tested', (other, declared) => {
    expect(against(other, [native, { ...tuned, ...declared }]).code).toBe('supported')
  })

  it('are compared where only one side can be known', () => {
    expect(verdictOf({ claim: change('<=', -30), native: from, tuned: fast }).code).toBe(
      'supported',
    )
  })

  const answers = (outputTokens: number, cut: (index: number) => boolean) =>
    rounds('tuned', 6, (round) => ({
      ...spread(1)(round),
      outputTokens,
      alter: (request) => (cut(request.index) ? { ...request, doneReason: 'length' } : request),
    }))
  const often = (index: number) => index % 3 === 0
  const judged = (trials: Rounds, rest: Partial<MeasuredConfig> = {}) =>
    verdictOf({
      claim: change('<=', -30),
      native: slow,
      tuned: trials,
      configs: [native, { ...tuned, ...rest }],
    })

  it('in the length at which their servers cut answers are not compared', () => {
    // the other side's answers have 14 tokens, and end by themselves
    expect(judged(answers(9, often)).reason).toEqual({
      code: 'not-comparable',
      differences: [{ id: 'answerLimit', from: '≥ 14', to: '9', accepted: false }],
    })
    const accept = { accept: ['answerLimit'] }
    expect(judged(answers(9, often), accept)).toMatchObject({
      code: 'supported',
      accepted: [{ id: 'answerLimit' }],
    })
  })

  it('are compared where no answer is longer than that limit, few are cut, or the file declares it', () => {
    expect(judged(answers(14, often)).code).toBe('supported')
    expect(judged(answers(9, () => false)).code).toBe('supported')
    const declared = { options: { ...tuned.options, num_predict: 9 } }
    expect(judged(answers(9, often), declared).code).toBe('supported')
  })

  it('in their prompts are not compared', () => {
    const other = rounds('tuned', 6, (round) => ({
      ...spread(1)(round),
      alter: (request) =>
        request.sample === 'c3' ? { ...request, promptDigest: 'other' } : request,
    }))
    expect(verdictOf({ claim: change('<=', -30), native: slow, tuned: other }).reason).toEqual({
      code: 'not-comparable',
      differences: [{ id: 'prompts', from: '1', to: '1', accepted: false }],
    })
  })
})

describe('the gate', () => {
  it('fails for anything but supported, and for stand-in results', () => {
    const failures = (given: Case) => unmetGates(resultOf(given).analysis).length
    expect(failures({ claim: change('<=', -30), native: slow, tuned: fast })).toBe(0)
    expect(failures({ claim: change('<=', -50), native: slow, tuned: fast })).toBe(1)
    expect(failures({ claim: change('<=', -30), native: slow })).toBe(1)
    expect(failures({ claim: change('<=', -30), native: slow, tuned: fast, standIn: true })).toBe(1)
  })
})
