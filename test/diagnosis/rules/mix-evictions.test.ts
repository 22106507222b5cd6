import { describe, expect, it } from 'vitest'
import type { MeasuredConfig } from '../../../src/experiment/experiment.ts'
import { measuredConfig } from '../../report/support/analysis.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, healthyFacts, resultOf } from '../support/pairs.ts'
import { waitsForLoad } from '../support/request-changes.ts'

const everyThird = waitsForLoad(1500, ({ index }) => index > 5 && index % 3 === 0)
const mixed: Partial<MeasuredConfig> = {
  workload: {
    ...measuredConfig('any').workload,
    mix: [
      { name: 'small', weight: 3, model: { name: 'small' } },
      { name: 'large', weight: 1, model: { name: 'large' } },
    ],
  },
}
const keeping = (models: string) => ({
  config: { ...mixed, env: { OLLAMA_MAX_LOADED_MODELS: models } },
  facts: {
    serverConfig: JSON.stringify({
      ...(JSON.parse(healthyFacts.serverConfig) as object),
      OLLAMA_MAX_LOADED_MODELS: models,
    }),
  },
})
const swapping = { server: { alter: everyThird }, after: { loadCount: 20, otherModelLoads: 0 } }
const slow = { ...keeping('1'), ...swapping }
const fast = keeping('2')

describe('rule mix-evictions', () => {
  it('proves that a limit makes the models of a mix evict each other', () => {
    const found = resultOf('mix-evictions', { slow, fast })
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      fixes: [
        {
          code: 'more-loaded-models',
          settings: [{ kind: 'variable', name: 'OLLAMA_MAX_LOADED_MODELS', value: 2 }],
        },
      ],
    })
    expect(evidenceCodes(found)).toContain('mix-evictions.limit')
    expect(evidenceCodes(resultOf('reload', { slow, fast }))).toEqual(['reload.mix'])
    expect(resultOf('cannot-act', { slow, fast })?.outcome).not.toBe('found')
  })

  it('names memory as the likely reason if no limit is too low', () => {
    const found = resultOf('mix-evictions', { slow: { ...keeping('0'), ...swapping }, fast })
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'likely',
      fixes: [{ code: 'separate-models', settings: [] }],
    })
  })

  it('rules the cause out if no request waited, and says nothing of a config with one model', () => {
    expect(
      resultOf('mix-evictions', { slow: { ...keeping('1'), server: { pace: 2 } }, fast }),
    ).toMatchObject({ outcome: 'ruled-out' })
    expect(resultOf('mix-evictions', { slow: swapping, fast: {} })).toBeUndefined()
  })
})

describeNextExperiment('mix-evictions', { slow, fast })
