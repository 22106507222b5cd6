import { describe, expect, it } from 'vitest'
import { nextExperiment } from '../../src/diagnosis/next-experiment.ts'
import { causeTestOf } from '../../src/diagnosis/diagnosis.ts'
import type { Cause } from '../../src/diagnosis/rules.ts'
import { measuredConfig } from '../report/support/analysis.ts'
import { texts } from './support/next-experiment.ts'
import { diagnosePair, type Pair } from './support/pairs.ts'
import { delayedOnTheWay, slowPrefill, withFields } from './support/request-changes.ts'

const oneSlot = { server: { slots: 1 }, facts: { slots: 1 } }
const atUrl = { target: { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } } as const

it('the next experiment keeps `until`, `show`, and what configs inherit', () => {
  const { experiment, analysis, diagnosis } = diagnosePair({ slow: oneSlot, fast: {} })
  const causeTest = causeTestOf(analysis, diagnosis, 'slots')
  if (causeTest === undefined) expect.fail('no experiment would test slots')
  const until = { metric: 'latencyMean', halfWidth: 3, maxRounds: 20 }
  const configs = experiment.configs.map((config) =>
    config.key === causeTest.subject && causeTest.reference !== undefined
      ? { ...config, from: causeTest.reference }
      : config,
  )
  const show = ['ttftP95', 'score.of a document']
  const changed = { ...experiment, until, show, configs }
  const next = nextExperiment({ experiment: changed, test: causeTest, texts, version: 'v1.0' })
  expect(next?.until).toEqual(until)
  expect(next?.show).toEqual(['ttftP95'])
  expect(next?.configs.map(({ from }) => from)).toEqual([
    undefined,
    causeTest.reference,
    causeTest.subject,
  ])
})

describe('no experiment is written', () => {
  function expectNone(cause: Cause, pair: Pair): void {
    const { analysis, diagnosis } = diagnosePair(pair)
    expect(causeTestOf(analysis, diagnosis, cause)).toBeUndefined()
  }

  it('for a cause that the diagnosis does not name', () => {
    expectNone('slots', { slow: { server: { pace: 3 }, facts: { threads: 16 } }, fast: {} })
  })

  it('for a variable of a server at a URL, which exp does not start', () => {
    expectNone('slots', { slow: { ...oneSlot, config: atUrl }, fast: {} })
  })

  it('if the faster side already is what the experiment would add', () => {
    expectNone('outside', {
      slow: { config: atUrl, server: { alter: delayedOnTheWay(120) } },
      fast: {},
    })
  })

  it('for a cache that the workload avoids already', () => {
    const { workload } = measuredConfig('any')
    const config = { workload: { ...workload, cache: 'cold' as const } }
    expectNone('cache', {
      slow: { config, server: { alter: slowPrefill(4) } },
      fast: { config, server: { alter: withFields({ cachedTokens: 90 }) } },
    })
  })
})
