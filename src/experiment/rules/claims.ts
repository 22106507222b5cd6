/**
 * Rules for claims, `until`, `rankBy` and `show`: the metric exists, two different configs are compared, and the
 * threshold has a suitable unit.
 */
import { didYouMean } from '../../errors/did-you-mean.ts'
import { alternatives, quoted } from '../../errors/quote.ts'
import { type Metric, metricById, metricIds, metrics, scorePrefix } from '../../metrics/catalog.ts'
import { isAtLeast } from '../../metrics/metric.ts'
import { draftsIn, type FileRule, type FileRuleInput } from '../draft.ts'
import type { ProblemDetails, Problem } from '../problem.ts'
import { inherit } from '../resolve/resolve-config.ts'
import { kindsOf, versusOf } from '../resolve/resolve-experiment.ts'
import { missingKey } from '../schema/schema-problems.ts'
import type { WrittenClaim } from '../schema/written-hypothesis.ts'
import type { Path } from '../source/source.ts'
import { type Amount, parseAmount } from '../values/amount.ts'
import { isRead } from '../values/reading.ts'
import { factorClaimProblems } from './factor-claims.ts'
import { type ClaimKind, claimAmount, claimKinds, parseThreshold } from '../values/threshold.ts'

export const claims: FileRule = (input) =>
  [...input.draft.hypotheses].flatMap(([index, { claim }]) => {
    const path = ['hypotheses', index, 'claim']
    if (claim.factor !== undefined || claim.between !== undefined)
      return [
        ...metricProblems(input, [...path, 'metric'], claim.metric),
        ...kindProblems(input, path, claim),
        ...factorClaimProblems(input.draft, path, claim),
      ]
    if (claim.config === undefined)
      return [input.draft.source.problem(path, missingKey([...path, 'config'], input.draft.source))]
    return [
      ...metricProblems(input, [...path, 'metric'], claim.metric),
      ...kindProblems(input, path, claim),
      ...sideProblems(input, path, claim),
      ...figureProblems(input, path, claim),
    ]
  })

export const untilMetric: FileRule = (input) => {
  const { until } = input.draft.top
  return until === undefined ? [] : metricProblems(input, ['until', 'metric'], until.metric)
}

export const shownMetrics: FileRule = (input) =>
  (input.draft.top.show ?? []).flatMap((id, index) => metricProblems(input, ['show', index], id))

/** Configs can be ranked only by a metric that is compared by ratio, and whose lower or higher values are better. */
export const rankingMetrics: FileRule = (input) => {
  const id = input.draft.top.rankBy
  if (id === undefined) return []
  const problems = metricProblems(input, ['rankBy'], id)
  const metric = metricOf(input, id)
  if (metric === undefined || canRank(metric)) return problems
  return [
    input.draft.source.problem(['rankBy'], {
      code: 'wrong-value',
      message: `configs cannot be ranked by ${quoted(id)}`,
      hint: `write ${alternatives(rankingsOfTables)}; tables show scores as well`,
    }),
  ]
}

function canRank({ change, direction, appliesTo }: Metric): boolean {
  return change === 'ratio' && direction !== 'neither' && appliesTo !== 'recorded'
}

const rankingsOfTables = metrics
  .filter((metric) => canRank(metric) && metric.terminalTables.includes('compare'))
  .map(({ id }) => id)

/** The metric with this id; undefined if no metric has it, or if it is a score that this experiment does not have. */
function metricOf(input: FileRuleInput, id: string): Metric | undefined {
  return id.startsWith(scorePrefix) && !scoresOf(input).includes(id) ? undefined : metricById(id)
}

function metricProblems(input: FileRuleInput, path: Path, id: string): readonly Problem[] {
  if (metricOf(input, id) !== undefined) return []
  const isScore = id.startsWith(scorePrefix)
  // If the dataset is malformed or missing, its checks are unknown, so any score may exist.
  const { draft, datasets } = input
  const named = (datasets.defaultDataset === undefined ? 0 : 1) + datasets.byName.size
  const read = draftsIn(datasets)
  if (isScore && (read.length < named || read.some(({ isComplete }) => !isComplete))) return []
  const scores = scoresOf(input)
  const known = isScore ? scores : [...metricIds, ...scores]
  return [
    draft.source.problem(path, {
      code: 'unknown-metric',
      message: `no metric is named ${quoted(id)}`,
      hint: isScore
        ? didYouMean(id, known, 'a score needs a check of that name in the dataset')
        : hintForMetric(id, known),
    }),
  ]
}

/** The metrics that a hint names: the headlines, which are the most likely. The schema lists all. */
const headlines = metrics.filter((metric) => isAtLeast(metric, 'headline')).map(({ id }) => id)

/** What other tools call these metrics. */
const otherNames: Readonly<Record<string, string>> = { tps: 'throughput', rps: 'qps' }

/**
 * A hint for a metric that does not exist. Suggests a metric that has this name in other tools, or the same words in
 * another order, or the most similar name.
 */
export function hintForMetric(id: string, known: readonly string[]): string {
  const wordsOf = (name: string) =>
    (
      name
        .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
        .toLowerCase()
        .match(/[a-z0-9]+/g) ?? []
    )
      .toSorted()
      .join(' ')
  const named = Object.hasOwn(otherNames, id.toLowerCase())
    ? otherNames[id.toLowerCase()]
    : undefined
  const same = named ?? known.find((one) => wordsOf(one) === wordsOf(id))
  if (same !== undefined) return `did you mean ${quoted(same)}?`
  return didYouMean(id, known, `write ${alternatives(headlines)}; the schema lists all metrics`)
}

/** Scores of the dataset's checks, and scores among recorded figures. */
function scoresOf({ draft, datasets }: FileRuleInput): readonly string[] {
  const fromChecks = draftsIn(datasets)
    .flatMap(({ checks }) => [...checks.values()])
    .map(({ name }) => scorePrefix + name)
  const recorded = [...draft.configs.values()].flatMap(({ recorded }) =>
    Object.keys(recorded?.metrics ?? {}).filter((id) => id.startsWith(scorePrefix)),
  )
  return [...new Set([...fromChecks, ...recorded])]
}

function kindProblems(input: FileRuleInput, path: Path, claim: WrittenClaim): readonly Problem[] {
  const { source } = input.draft
  const [kind, second] = kindsOf(claim)
  if (kind === undefined)
    return [
      source.problem(
        path,
        {
          code: 'missing-key',
          message: `the claim has no ${alternatives(claimKinds)}`,
          hint: 'add one of them, such as `change: "<= -30%"`',
        },
        'key',
      ),
    ]
  if (second !== undefined)
    return [
      source.problem(
        [...path, second],
        {
          code: 'unknown-key',
          message: `a claim has only one of ${alternatives(claimKinds)}; this one has ${quoted(kind)} and ${quoted(second)}`,
          hint: 'write a separate hypothesis for each',
        },
        'key',
      ),
    ]
  const metric = metricOf(input, claim.metric)
  if (metric?.family === 'capacity' && kind !== 'value')
    return [
      source.problem(
        [...path, kind],
        {
          code: 'unknown-key',
          message: `a claim about ${quoted(metric.id)} has only a \`value\``,
          hint: 'write `value: ">= 8 users"`; configs with levels are compared level by level',
        },
        'key',
      ),
    ]
  const amount = amountOf(claim, kind)
  if (metric === undefined || amount === undefined) return []
  const reading = claimAmount(amount, kind, metric)
  if (isRead(reading)) return []
  return [
    source.problem([...path, kind], {
      code: 'unit-mismatch',
      message: reading.message,
      hint: reading.hint,
    }),
  ]
}

/** The amount that the claim states; undefined if it cannot be read. */
function amountOf(claim: WrittenClaim, kind: ClaimKind): Amount | undefined {
  const text = claim[kind] ?? ''
  if (kind === 'same') {
    const band = parseAmount(text)
    return isRead(band) ? band.value : undefined
  }
  const threshold = parseThreshold(text)
  return isRead(threshold) ? threshold.value.amount : undefined
}

function sideProblems(input: FileRuleInput, path: Path, claim: WrittenClaim): readonly Problem[] {
  const { source, configs } = input.draft
  if (kindsOf(claim)[0] === 'value') {
    if (claim.versus === undefined) return []
    const details: ProblemDetails = {
      code: 'unknown-key',
      message: 'a claim about a `value` does not compare configs',
      hint: 'remove `versus`',
    }
    return [source.problem([...path, 'versus'], details, 'key')]
  }
  if (claim.config === undefined || !configs.has(claim.config)) return []
  const versus = versusOf(input.draft, claim)
  if (versus === undefined)
    return [
      source.problem([...path, 'config'], {
        code: 'nothing-to-compare',
        message: `${quoted(claim.config)} has no config to be compared with`,
        hint: 'add `versus` to the claim, `from` to the config, or a `baseline`',
      }),
    ]
  if (versus !== claim.config) return []
  return [
    source.problem([...path, claim.versus === undefined ? 'config' : 'versus'], {
      code: 'self-comparison',
      message:
        claim.versus === undefined
          ? `${quoted(versus)} is the baseline: this compares it with itself`
          : `${quoted(versus)} is compared with itself`,
      hint: 'name the other config in `versus`; `exp run FILE --aa CONFIG` measures its noise',
    }),
  ]
}

/**
 * Recorded configs must have a figure for the metric. Measured configs have none for a metric that is only recorded.
 */
function figureProblems(input: FileRuleInput, path: Path, claim: WrittenClaim): readonly Problem[] {
  const { source, configs } = input.draft
  const metric = metricOf(input, claim.metric)
  if (metric === undefined) return []
  const isValue = kindsOf(claim)[0] === 'value'
  const sides = [claim.config, isValue ? undefined : versusOf(input.draft, claim)]
  const lacking = sides.find((key) => {
    const config = key === undefined ? undefined : inherit(configs, key)
    if (config?.recorded !== undefined) return !Object.hasOwn(config.recorded.metrics, metric.id)
    return config?.target !== undefined && metric.appliesTo === 'recorded'
  })
  if (lacking === undefined) return []
  return [
    source.problem([...path, 'metric'], {
      code: 'no-figure',
      message: `${quoted(lacking)} has no figure for ${quoted(metric.id)}${metric.appliesTo === 'recorded' ? ', which is never measured' : ''}`,
      hint: 'claim a metric that both sides have, or add the figure to `recorded`',
    }),
  ]
}
