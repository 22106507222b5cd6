import { describe, expect, it } from 'vitest'
import { choicesAmong } from '../../src/analysis/choices.ts'
import { modelsDiffer, rankingMetric } from '../../src/analysis/ranking.ts'
import { readResults } from '../../src/notebook/stored-results.ts'
import { ResultStore } from '../../src/results/store.ts'
import { readExperiment } from '../report/support/golden.ts'

const folder = 'test/golden/two-models'
const experiment = readExperiment(`${folder}/experiment.yaml`)
const analysisOf = async (rankBy?: string) => {
  const ranked = rankBy === undefined ? experiment : { ...experiment, rankBy }
  return (await readResults(ranked, new ResultStore(folder))).analysis
}

describe('the metric that ranks the configs', () => {
  it('is decode speed if models differ, mean latency if not, and what the file says in either case', () => {
    const oneModel = readExperiment('test/golden/rounds/experiment.yaml')
    expect(rankingMetric(experiment).id).toBe('decodeSpeed')
    expect(rankingMetric(oneModel).id).toBe('latencyMean')
    expect(rankingMetric({ ...oneModel, rankBy: 'throughput' }).id).toBe('throughput')
    expect(rankingMetric({ ...experiment, rankBy: 'latencyMean' }).id).toBe('latencyMean')
  })

  it('takes models with the same name for one, unless the file pins them to different digests', () => {
    const [first] = experiment.configs
    if (first?.kind !== 'measured') throw new TypeError('the first config is measured')
    const pinned = (digest: string) => ({ ...first, model: { ...first.model, digest } })
    expect(modelsDiffer([first, first])).toBe(false)
    expect(modelsDiffer([first, pinned('7df6b6e09427')])).toBe(false)
    expect(modelsDiffer([pinned('7df6b6e09427aa'), pinned('7df6b6e09427')])).toBe(false)
    expect(modelsDiffer([pinned('7df6b6e09427'), pinned('0123456789ab')])).toBe(true)
  })
})

describe('the ranking of models', () => {
  it('puts the model that decodes fastest first, although another one answers shorter', async () => {
    const { ratios } = await analysisOf()
    expect(ratios.map(({ config, status }) => [config, status])).toEqual([
      ['q4', 'best'],
      ['q8', 'good'],
      ['small', 'poor'],
    ])
    expect(ratios.find(({ config }) => config === 'small')?.value).toBeCloseTo(0.5, 1)
  })

  it('ranks by latency if the file says so, and the shorter answers win', async () => {
    const { ratios } = await analysisOf('latencyMean')
    expect(ratios.find(({ config }) => config === 'small')?.status).toBe('best')
  })
})

describe('quality against speed', () => {
  it('calls a model dominated only by one that is clearly better, and nowhere worse', async () => {
    const analysis = await analysisOf()
    const { choices = [], confidence } = choicesAmong(analysis.configs, analysis) ?? {}
    const names = choices.map(({ config, dominatedBy, advantages, undecided }) => ({
      config,
      dominatedBy: dominatedBy.map((each) => each.config),
      advantages: advantages.map((each) => each.config),
      undecided,
    }))
    expect(names).toEqual([
      { config: 'q4', dominatedBy: [], advantages: ['q8', 'small'], undecided: [] },
      { config: 'q8', dominatedBy: [], advantages: ['q4', 'small'], undecided: [] },
      { config: 'small', dominatedBy: ['q8'], advantages: [], undecided: ['q4'] },
    ])
    // three pairs, each compared in speed and in one score
    expect(confidence).toBeCloseTo(1 - 0.05 / 6)
  })

  it('says nothing of one config, or without scores', async () => {
    const analysis = await analysisOf()
    const withoutScores = analysis.configs.map((config) => ({
      ...config,
      figures: new Map([...config.figures].filter(([, { metric }]) => metric.family !== 'score')),
    }))
    expect(choicesAmong(withoutScores, analysis)).toBeUndefined()
    expect(choicesAmong(analysis.configs.slice(0, 1), analysis)).toBeUndefined()
  })
})
