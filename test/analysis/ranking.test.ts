import { describe, expect, it } from 'vitest'
import { choicesAmong } from '../../src/analysis/choices.ts'
import type { ConfigAnalysis } from '../../src/analysis/analysis.ts'
import { compare } from '../../src/analysis/comparison.ts'
import {
  batchesDiffer,
  declareModels,
  modelsDiffer,
  plannedRanking,
  rankingMetric,
  type ModelSide,
} from '../../src/analysis/ranking.ts'
import { explainedPairs } from '../../src/diagnosis/pairs.ts'
import type { Config } from '../../src/experiment/experiment.ts'
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
    expect(plannedRanking(experiment).id).toBe('decodeSpeed')
    expect(plannedRanking(oneModel).id).toBe('latencyMean')
    expect(plannedRanking({ ...oneModel, rankBy: 'throughput' }).id).toBe('throughput')
    expect(plannedRanking({ ...experiment, rankBy: 'latencyMean' }).id).toBe('latencyMean')
  })

  it('takes models with the same name for one, unless the file pins them to different digests', () => {
    const [first] = experiment.configs
    if (first?.kind !== 'measured') throw new TypeError('the first config is measured')
    const pinned = (digest: string) => ({ ...first, model: { ...first.model, digest } })
    expect(declareModels([first, first])).toBe(false)
    expect(declareModels([first, pinned('7df6b6e09427')])).toBe(false)
    expect(declareModels([pinned('7df6b6e09427aa'), pinned('7df6b6e09427')])).toBe(false)
    expect(declareModels([pinned('7df6b6e09427'), pinned('0123456789ab')])).toBe(true)
  })
})

describe('two names of models', () => {
  const [first, second] = experiment.configs
  const side = (config: Config, content: string): ModelSide => ({
    config,
    facts: new Map([['modelContentDigest', { values: [content], source: '/api/show' }]]),
  })

  it('mean one model if its content is the same, so that latency ranks', () => {
    const variants = [side(first!, 'sha256:a'), side(second!, 'sha256:a')]
    expect(modelsDiffer(variants)).toBe(false)
    expect(rankingMetric(undefined, variants).id).toBe('latencyMean')
  })

  it('mean two models if the content differs or is not known', () => {
    expect(modelsDiffer([side(first!, 'sha256:a'), side(second!, 'sha256:b')])).toBe(true)
    const unknown = { config: second!, facts: new Map() }
    expect(modelsDiffer([side(first!, 'sha256:a'), unknown])).toBe(true)
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
      dominatedBy: dominatedBy.map((each) => each.other),
      advantages: advantages.map((each) => each.other),
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

describe('configs whose requests for embeddings have different numbers of inputs', () => {
  const rounds = readExperiment('test/golden/rounds/experiment.yaml')
  const withBatches = async (...batches: readonly (number | undefined)[]) => {
    const { analysis } = await readResults(rounds, new ResultStore('test/golden/rounds'))
    const configs = analysis.configs.slice(0, batches.length).map((each, index): ConfigAnalysis => {
      const { config } = each
      const batch = batches[index]
      if (config.kind !== 'measured') throw new TypeError('the config is measured')
      const { batch: _, ...workload } = config.workload
      const embedding = {
        ...workload,
        api: 'embed' as const,
        ...(batch !== undefined && { batch }),
      }
      return { ...each, config: { ...config, workload: embedding } }
    })
    return { ...analysis, configs }
  }

  it('are ranked by inputs per second, and no batch is one input', async () => {
    const [same, other] = [await withBatches(undefined, 1), await withBatches(1, 4)]
    const [sameConfigs, otherConfigs] = [same, other].map(({ configs }) =>
      configs.map(({ config }) => config),
    )
    expect(batchesDiffer(sameConfigs ?? [])).toBe(false)
    expect(plannedRanking({ configs: sameConfigs ?? [] }).id).toBe('latencyMean')
    expect(batchesDiffer(otherConfigs ?? [])).toBe(true)
    expect(plannedRanking({ configs: otherConfigs ?? [] }).id).toBe('inputRate')
  })

  it('have changes of latency and QPS that are neither better nor worse', async () => {
    const marks = async (...batches: readonly number[]) => {
      const [from, to] = (await withBatches(...batches)).configs
      if (from === undefined || to === undefined) throw new TypeError('two configs')
      const { changes } = compare(from, to, { hypotheses: [] })
      return ['latencyMean', 'qps'].map((id) => {
        const change = changes.get(id)
        return [change?.mark, change?.differs]
      })
    }
    for (const [mark, differs] of await marks(4, 4)) {
      expect(['better', 'worse']).toContain(mark)
      expect(differs).toBeUndefined()
    }
    expect(await marks(1, 4)).toEqual([
      ['unknown', true],
      ['unknown', true],
    ])
  })

  it('have no difference in latency that needs an explanation', async () => {
    const pairs = async (...batches: readonly number[]) =>
      explainedPairs(rounds, await withBatches(...batches)).filter(({ reference }) => reference)
    expect((await pairs(4, 4)).length).toBeGreaterThan(0)
    expect(await pairs(1, 4)).toEqual([])
  })
})
