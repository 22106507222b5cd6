/** What no rule may do: take what was not recorded for a pass. */
import { describe, expect, it } from 'vitest'
import type { Cause } from '../../src/diagnosis/rules.ts'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import type { Explanation } from '../../src/diagnosis/diagnosis.ts'
import { analysisOf } from '../analysis/story.ts'
import { experimentOf, recordedConfig } from '../report/support/analysis.ts'
import { explanationOf, usual } from './story.ts'

function outcomes({ findings, ruledOut, unchecked }: Explanation) {
  const of = (all: readonly { readonly cause: Cause }[]) => all.map(({ cause }) => cause)
  return { found: of(findings), ruledOut: of(ruledOut), unchecked: of(unchecked) }
}

const nothing = Object.fromEntries(Object.keys(usual).map((id) => [id, undefined]))

describe('two latencies in a document', () => {
  const of = (latencyMean: number) => ({ figures: [{ metric: 'latencyMean', value: latencyMean }] })
  const configs = [recordedConfig('fast', of(200)), recordedConfig('slow', of(600))]
  const experiment = experimentOf(configs, { baseline: 'fast' })
  const [explanation] = diagnose(experiment, analysisOf(experiment, {})).explanations

  it('let no rule find or rule out anything', () => {
    expect(explanation?.ratio).toBeCloseTo(3)
    expect(explanation && outcomes(explanation)).toEqual({
      found: [],
      ruledOut: [],
      unchecked: [
        'cold-start',
        'keep-alive',
        'reload',
        'thinking',
        'cut-answers',
        'answer-length',
        'truncated',
        'cache',
        'slots',
        'client',
        'outside',
        'cpu-only',
        'partial-offload',
        'threads',
        'swap',
        'model',
        'quantization',
        'context',
        'version',
        'decay',
        'overhead',
      ],
    })
  })

  it('name what is missing, of the side that lacks it', () => {
    const missing = explanation?.unchecked.flatMap((each) => each.missing) ?? []
    expect(missing.length).toBeGreaterThan(20)
    expect(new Set(missing.map(({ config }) => config))).toEqual(new Set(['slow', 'fast']))
  })
})

describe('requests without a word about their server', () => {
  it('tell what requests can tell, and nothing else', () => {
    const slow = { server: { pace: 3 }, facts: nothing }
    expect(outcomes(explanationOf({ slow, fast: { facts: nothing } }))).toEqual({
      found: [],
      ruledOut: [
        'cold-start',
        'keep-alive',
        'reload',
        'cut-answers',
        'answer-length',
        'cache',
        'slots',
        'client',
        'outside',
        'decay',
        'overhead',
      ],
      unchecked: [
        'thinking',
        'truncated',
        'cpu-only',
        'partial-offload',
        'threads',
        'saturation',
        'swap',
        'model',
        'quantization',
        'context',
        'version',
      ],
    })
  })
})
