import { describe, expect, it } from 'vitest'
import type { Experiment, Hypothesis } from '../../src/experiment/experiment.ts'
import { metrics } from '../../src/metrics/catalog.ts'
import { metricsOf } from '../../src/report/metric-table.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, measuredConfig, recordedConfig } from './support/analysis.ts'

const native = measuredConfig('native')
const document = recordedConfig('document', {
  figures: metrics.map(({ id }) => ({ metric: id, value: 1 })),
})
const { configs } = analysisOf(experimentOf([native, document], { rounds: 3 }), {
  native: roundsOf('native', 3, () => ({})),
})
const [measured, recorded] = configs
if (!measured || !recorded) throw new Error('two configs')

const withProminence = (...prominences: readonly string[]) =>
  metrics.filter(({ prominence }) => prominences.includes(prominence)).map(({ id }) => id)
const shown = (of: typeof configs, asked: Partial<Pick<Experiment, 'hypotheses' | 'show'>> = {}) =>
  metricsOf(of, { hypotheses: [], show: [], ...asked })
    .filter(({ family }) => family !== 'score')
    .map(({ id }) => id)

describe('the rows of a group', () => {
  it('do not include measured metrics that are shown only if the file asks for them', () => {
    const rows = shown([measured])
    for (const id of withProminence('claim')) expect(rows).not.toContain(id)
  })

  it('include every figure that a document gives', () => {
    expect(shown([recorded])).toEqual(metrics.map(({ id }) => id))
  })

  const measuredOnRequest = withProminence('claim').filter(
    (id) => measured.figures.get(id)?.value !== undefined,
  )
  it.each(measuredOnRequest)('include %s if the file asks for it', (metric) => {
    const threshold = { comparator: '<=', value: 5, text: '<= 5' } as const
    const claim = { kind: 'value', metric, config: 'native', threshold } as const
    const hypothesis: Hypothesis = { id: 'H1', statement: '', claim, gate: false }
    expect(shown([measured], { hypotheses: [hypothesis] })).toContain(metric)
    expect(shown([measured], { show: [metric] })).toContain(metric)
  })

  it('do not include metrics that are shown only for figures from a document', () => {
    const rows = shown([measured])
    for (const id of withProminence('document')) expect(rows).not.toContain(id)
  })
})
