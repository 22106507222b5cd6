/** Builders of experiments and analyses for tests of reports. */
import type {
  Analysis,
  Change,
  Comparison,
  ConfigAnalysis,
  ConfigState,
  Ratio,
} from '../../../src/analysis/analysis.ts'
import type { Fact } from '../../../src/analysis/trial-facts.ts'
import { breakdownOf } from '../../../src/analysis/breakdown.ts'
import { statedFacts } from '../../../src/analysis/trial-facts.ts'
import type { Absence, Figure, Interval } from '../../../src/analysis/figure.ts'
import { plannedRanking } from '../../../src/analysis/ranking.ts'
import type { TrialSummary } from '../../../src/analysis/trial-summary.ts'
import type {
  Config,
  Experiment,
  Hypothesis,
  MeasuredConfig,
  RecordedConfig,
} from '../../../src/experiment/experiment.ts'
import { type Metric, metricById } from '../../../src/metrics/catalog.ts'
import type { FactId, FactValue } from '../../../src/results/facts.ts'
import type { ReportInput, ReportVersion } from '../../../src/report/report-input.ts'
import { shippedTemplates } from '../../support/templates.ts'

const digest = `sha256:${'0'.repeat(64)}`

export function measuredConfig(key: string, rest: Partial<MeasuredConfig> = {}): MeasuredConfig {
  return {
    kind: 'measured',
    key,
    label: key,
    group: rest.label ?? key,
    measurementDigest: digest,
    env: {},
    accept: [],
    target: { kind: 'process', pull: false },
    model: { name: 'qwen3:0.6b', size: '522MB' },
    options: { temperature: 0 },
    workload: {
      api: 'chat',
      prompt: '{{text}}',
      load: {
        kind: 'closed-duration',
        users: 3,
        durationMs: 30_000,
        atLeast: 20,
        atMostMs: 300_000,
      },
      warmupRequests: 3,
      cache: 'cold',
      timeoutMs: 600_000,
    },
    dataset: { name: 'manga_comment_ad_detection', samples: [], checks: [], digest },
    settleMs: 0,
    ...rest,
  }
}

export function recordedConfig(key: string, rest: Partial<RecordedConfig> = {}): RecordedConfig {
  return {
    kind: 'recorded',
    key,
    label: key,
    group: rest.label ?? key,
    measurementDigest: digest,
    env: {},
    accept: [],
    options: {},
    source: '旧文档.md',
    date: '2025-08-06',
    figures: [],
    ...rest,
  }
}

export function experimentOf(
  configs: readonly Config[],
  rest: Partial<Experiment> = {},
): Experiment {
  return {
    id: 'docker-opt',
    file: 'experiments/docker-opt.yaml',
    title: 'MAC本机本地部署 vs MAC本机Docker部署性能对比',
    locales: ['zh-CN'],
    tags: [],
    hardware: {},
    keep: { prompts: 'digest', answers: 'none' },
    rounds: 6,
    whenUnavailable: 'fail',
    configs,
    hypotheses: [],
    show: [],
    ...rest,
  }
}

/** A value, the reason why the value is missing, or parts of a figure. */
export type FigureInput = number | Absence | Partial<Figure>

export function figure(id: string, input: FigureInput): Figure {
  const metric = metricById(id)
  if (!metric) throw new Error(id)
  const base = { metric, n: 0, basedOn: 'requests', byRound: [], doubts: [] } as const
  if (typeof input === 'number') return { ...base, n: 100, value: input }
  return 'code' in input ? { ...base, absence: input } : { ...base, n: 100, ...input }
}

export interface ConfigInput {
  readonly config: Config
  readonly state?: ConfigState
  readonly figures?: Readonly<Record<string, FigureInput>>
  readonly facts?: Readonly<Partial<Record<FactId, FactValue>>>
  readonly trials?: readonly TrialSummary[]
  readonly rounds?: Partial<ConfigAnalysis['rounds']>
}

function configAnalysis({ config, rounds, ...input }: ConfigInput): ConfigAnalysis {
  const state = input.state ?? (config.kind === 'recorded' ? 'recorded' : 'measured')
  const recorded = Object.fromEntries(
    config.kind === 'recorded'
      ? config.figures.map(({ metric, ...rest }) => [
          metric,
          { ...rest, basedOn: 'document' as const },
        ])
      : [],
  )
  const figures = Object.entries<FigureInput>({ ...recorded, ...input.figures })
  const facts = Object.entries(input.facts ?? {}).map(([id, value]): [FactId, Fact] => [
    id as FactId,
    { values: [value], source: '/api/ps' },
  ])
  const ended = state === 'measured' ? 6 : 0
  return {
    config,
    state,
    trials: input.trials ?? [],
    rounds: { planned: 6, ended, failed: 0, skipped: 0, interrupted: 0, ...rounds },
    figures: new Map(figures.map(([id, value]) => [id, figure(id, value)])),
    facts: config.kind === 'recorded' ? statedFacts(config) : new Map(facts),
    audits: [],
  }
}

export interface AnalysisOptions {
  readonly standIn?: boolean
  readonly period?: { readonly from: string; readonly to: string }
  /** Half the width of the interval of each change, in percent. */
  readonly halfWidth?: number
}

/** Computes changes and ratios by simple arithmetic, and compares every config with its `from`. */
export function analysisOf(
  experiment: Experiment,
  results: readonly ConfigInput[],
  { standIn = false, period, halfWidth }: AnalysisOptions = {},
): Analysis {
  const configs = results.map(configAnalysis)
  const find = (key: string) => configs.find(({ config }) => config.key === key)!
  const comparisons = configs.flatMap(({ config }): Comparison[] => {
    if (config.from === undefined) return []
    const [base, own] = [find(config.from), find(config.key)]
    const ids = [...new Set([...base.figures.keys(), ...own.figures.keys()])]
    const absent = (id: string, { state }: ConfigAnalysis) =>
      figure(id, { code: state === 'pending' ? 'pending' : 'not-recorded' })
    const changes = ids.map((id): [string, Change] => [
      id,
      change(
        base.figures.get(id) ?? absent(id, base),
        own.figures.get(id) ?? absent(id, own),
        halfWidth,
      ),
    ])
    return [
      {
        base: config.from,
        config: config.key,
        paired: true,
        sameHost: true,
        undeclared: [],
        changes: new Map(changes),
      },
    ]
  })
  return {
    configs,
    comparisons,
    ratios: ratios(experiment, configs, halfWidth),
    rankedBy: plannedRanking(experiment),
    hypotheses: experiment.hypotheses.map((hypothesis) =>
      hypothesisResult(hypothesis, find, halfWidth),
    ),
    comparisonsInConclusion: 0,
    breakdown: breakdownOf(configs, experiment.baseline),
    outliers: [],
    standIn,
    ...(period ? { period } : {}),
  }
}

function difference(metric: Metric, from: number, to: number): number {
  return metric.change === 'ratio' ? (to / from - 1) * 100 : to - from
}

function around(value: number, halfWidth: number | undefined): { interval?: Interval } {
  if (halfWidth === undefined) return {}
  return { interval: { low: value - halfWidth, high: value + halfWidth, confidence: 0.95 } }
}

function statedAround(value: number, halfWidth: number | undefined) {
  const { interval } = around(value, halfWidth)
  return interval === undefined ? {} : { interval, intervalInConclusion: interval }
}

function change(from: Figure, to: Figure, halfWidth: number | undefined): Change {
  const { metric } = from
  if (from.value === undefined || to.value === undefined)
    return { metric, from, to, mark: 'unknown', pairs: 0 }
  const value = difference(metric, from.value, to.value)
  const better = metric.direction === 'higher' ? value > 0 : value < 0
  const mark =
    Math.abs(value) < 2 ? (value === 0 ? 'same' : 'unknown') : better ? 'better' : 'worse'
  const interval = value === 0 ? {} : around(value, halfWidth)
  return { metric, from, to, value, mark, pairs: 6, ...interval }
}

function ratios(
  { baseline }: Experiment,
  configs: readonly ConfigAnalysis[],
  halfWidth: number | undefined,
): readonly Ratio[] {
  const ofConfig = ({ figures }: ConfigAnalysis) => {
    const mean = figures.get('latencyMean')
    return mean?.value === undefined ? (figures.get('sampleTime') ?? mean) : mean
  }
  const base = configs.find(({ config }) => config.key === baseline)
  const of = base && ofConfig(base)
  if (!base || !of) return []
  return configs
    .map((each): Ratio => {
      const own = ofConfig(each) ?? figure('latencyMean', { code: 'pending' })
      const value =
        own.value === undefined || of.value === undefined ? undefined : own.value / of.value
      const isBase = each === base
      return {
        config: each.config.key,
        figure: own,
        ...(value === undefined || isBase
          ? {}
          : { value, ...statedAround(value, halfWidth && value / 50) }),
        status: isBase
          ? 'best'
          : value === undefined
            ? 'pending'
            : value <= 2
              ? 'good'
              : value <= 5
                ? 'poor'
                : 'bad',
        mixesMetrics: own.metric.id !== of.metric.id,
      }
    })
    .toSorted((a, b) => (a.figure.value ?? Infinity) - (b.figure.value ?? Infinity))
}

function hypothesisResult(
  hypothesis: Hypothesis,
  find: (key: string) => ConfigAnalysis,
  halfWidth: number | undefined,
): Analysis['hypotheses'][number] {
  const { claim } = hypothesis
  const own =
    find(claim.config).figures.get(claim.metric) ?? figure(claim.metric, { code: 'pending' })
  const open = {
    hypothesis,
    figure: own,
    verdict: {
      code: own.value === undefined ? ('pending' as const) : ('inconclusive' as const),
      n: 6,
      counted: 'rounds' as const,
      unpaired: false,
      weaknesses: [],
      onDifferentHosts: false,
      uncheckable: false,
      accepted: [],
    },
  }
  if (claim.kind === 'value')
    return { ...open, ...(own.value === undefined ? {} : { measured: own.value }) }
  const base =
    find(claim.versus).figures.get(claim.metric) ?? figure(claim.metric, { code: 'pending' })
  if (own.value === undefined || base.value === undefined) return { ...open, base }
  const measured =
    claim.kind === 'ratio'
      ? (own.value / base.value) * 100
      : difference(own.metric, base.value, own.value)
  return { ...open, base, measured, ...around(measured, halfWidth) }
}

export const firstVersion: ReportVersion = {
  version: 'v1.0',
  state: 'closed',
  createdAt: '2025-08-08T14:40:12+08:00',
  changes: [{ code: 'first' }],
  history: [],
  hasCharts: true,
  lockFile: 'v1.0.lock.json',
  dropped: [],
}

export function inputOf(
  experiment: Experiment,
  analysis: Analysis,
  rest: Partial<ReportInput> = {},
): ReportInput {
  const locale = rest.locale ?? 'zh-CN'
  return {
    experiment,
    analysis,
    locale,
    templates: shippedTemplates(locale),
    version: firstVersion,
    ...rest,
  }
}
