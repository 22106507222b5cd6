/** No rule may treat a missing fact as evidence that its cause is absent. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, recordedConfig } from '../report/support/analysis.ts'
import { explanationOf, healthyFacts } from './support/pairs.ts'

describe('two latencies in a document', () => {
  const of = (latencyMean: number) => ({ figures: [{ metric: 'latencyMean', value: latencyMean }] })
  const configs = [recordedConfig('fast', of(200)), recordedConfig('slow', of(600))]
  const experiment = experimentOf(configs, { baseline: 'fast' })
  const [explanation] = diagnose(experiment, analysisOf(experiment, {})).explanations

  it('are not enough for any rule to find a cause or to rule one out', () => {
    expect(explanation?.ratio).toBeCloseTo(3)
    expect(explanation).toMatchObject({ findings: [], ruledOut: [] })
  })

  it('make rules name the missing facts of both sides', () => {
    const missing = explanation?.unchecked.flatMap((each) => each.missing) ?? []
    expect(missing.length).toBeGreaterThan(20)
    expect(new Set(missing.map(({ config }) => config))).toEqual(new Set(['slow', 'fast']))
  })
})

describe('requests to a server without any known fact', () => {
  const unknown = Object.fromEntries(Object.keys(healthyFacts).map((id) => [id, undefined]))
  const slow = { server: { pace: 3 }, facts: unknown }
  const { findings, ruledOut, unchecked } = explanationOf({ slow, fast: { facts: unknown } })

  it('are not enough for any rule to find a cause', () => {
    expect(findings).toEqual([])
  })

  it('are enough for the rules that need only requests', () => {
    const decided = ruledOut.map(({ cause }) => cause)
    expect(decided).toEqual(
      expect.arrayContaining(['cold-start', 'answer-length', 'outside', 'overhead']),
    )
  })

  it('make rules that need facts of the server name the missing facts', () => {
    const undecided = unchecked.map(({ cause }) => cause)
    expect(undecided).toEqual(
      expect.arrayContaining(['thinking', 'cpu-only', 'threads', 'swap', 'version']),
    )
  })
})
