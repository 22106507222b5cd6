import { describe, expect, it } from 'vitest'
import type { Hypothesis } from '../../src/experiment/experiment.ts'
import { metrics } from '../../src/metrics/catalog.ts'
import { isAtLeast } from '../../src/metrics/metric.ts'
import { lockContent } from '../../src/notebook/lock-content.ts'
import { lockBytes, lockFormat, parseLock } from '../../src/notebook/lock.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'

const native = measuredConfig('native')
const trials = roundsOf('native', 3, () => ({}))
const headlines = metrics.filter((metric) => isAtLeast(metric, 'headline')).map(({ id }) => id)

function lockOf(claimed: readonly string[]) {
  const hypotheses = claimed.map((metric, index): Hypothesis => {
    const threshold = { comparator: '<=', value: 300, text: '<= 300ms' } as const
    return {
      id: `H${index + 1}`,
      statement: metric,
      claim: { kind: 'value', metric, config: 'native', threshold },
      gate: false,
    }
  })
  const experiment = experimentOf([native], { rounds: 3, hypotheses })
  const byMetric = new Map(metrics.map(({ id }) => [id, 1.23456789]))
  const floor = { run: 'aa', config: 'native', byMetric }
  return lockContent(lockFormat, experiment, {
    analysis: analysisOf(experiment, { native: trials }, { floor }),
    dropped: [],
    floorResults: {},
    earlierResults: {},
  })
}

describe('the figures of a lock', () => {
  it('are those of headline metrics, so that a new metric makes no lock stale', () => {
    const { configs, floor } = lockOf([])
    // The trials have answers, so they have no figures of documents or embeddings.
    const measured = headlines.filter((id) => id !== 'sampleTime' && id !== 'inputRate')
    expect(Object.keys(configs['native']?.figures ?? {})).toEqual(measured)
    expect(Object.keys(floor?.byMetric ?? {})).toEqual(headlines)
  })

  it('include those of metrics that a claim names', () => {
    const { configs, floor } = lockOf(['ttftP50'])
    expect(configs['native']?.figures).toHaveProperty('ttftP50')
    expect(floor?.byMetric).toHaveProperty('ttftP50')
    expect(configs['native']?.figures).not.toHaveProperty('ttftMean')
  })

  it('have six significant digits', () => {
    expect(lockOf([]).floor?.byMetric['qps']).toBe(1.23457)
  })
})

it.each(['../../../../etc/passwd', '/etc/passwd', '..', 'a\\b', '.hidden'])(
  'a lock cannot name a result outside `results/`: %s',
  (name) => {
    const digest = `sha256:${'0'.repeat(64)}`
    const lock = {
      ...lockOf([]),
      version: 'v1.0',
      answer: [],
      unwritten: {},
      carried: {},
      files: {},
      earlierRuns: { [name]: digest },
    }
    const file = 'reports/x/v1.0.lock.json'
    expect(() => parseLock(lockBytes({ ...lock, earlierRuns: {} }), file)).not.toThrow()
    expect(() => parseLock(lockBytes(lock), file)).toThrow('must be that of a file in `results/`')
  },
)
