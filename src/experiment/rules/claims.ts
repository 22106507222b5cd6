/** What a hypothesis claims: a metric that exists, two sides that differ, a threshold in a unit that fits. */
import { type Metric, metricById, metricIds } from '../../metrics/catalog.ts'
import { scorePrefix } from '../../metrics/score.ts'
import { inherit } from '../resolve/inherit.ts'
import { didYouMean } from '../../errors/did-you-mean.ts'
import type { Problem } from '../problem.ts'
import type { Amount } from '../values/amount.ts'
import { parseAmount } from '../values/amount.ts'
import { isRead } from '../values/reading.ts'
import type { Finding } from '../finding.ts'
import type { Path } from '../source/source.ts'
import { claimAmount, claimKinds, parseThreshold } from '../values/threshold.ts'
import type { ClaimKind } from '../values/threshold.ts'
import { alternatives, quoted } from '../../errors/quote.ts'
import type { WrittenClaim } from '../schema/written-experiment.ts'
import type { RuleInput, Rule } from './rule.ts'

export const claims: Rule = (checked) =>
  [...checked.draft.hypotheses].flatMap(([index, { claim }]) => {
    const path = ['hypotheses', index, 'claim']
    return [
      ...metricProblems(checked, [...path, 'metric'], claim.metric),
      ...kindProblems(checked, path, claim),
      ...sideProblems(checked, path, claim),
      ...figureProblems(checked, path, claim),
    ]
  })

export const untilMetric: Rule = (checked) => {
  const { until } = checked.draft.top
  return until === undefined ? [] : metricProblems(checked, ['until', 'metric'], until.metric)
}

/** The metric of this id, if it is one and, for a score, one that this experiment has. */
function metricOf(checked: RuleInput, id: string): Metric | undefined {
  return id.startsWith(scorePrefix) && !scoresOf(checked).includes(id) ? undefined : metricById(id)
}

function metricProblems(checked: RuleInput, path: Path, id: string): readonly Problem[] {
  if (metricOf(checked, id) !== undefined) return []
  const isScore = id.startsWith(scorePrefix)
  // Of a dataset that is broken or not there, nobody knows the checks.
  const { draft, dataset } = checked
  if (isScore && !(dataset?.isComplete ?? !draft.source.has(['dataset']))) return []
  const scores = scoresOf(checked)
  const known = isScore ? scores : [...metricIds, ...scores]
  return [
    draft.source.problem(path, {
      code: 'unknown-metric',
      message: `there is no metric ${quoted(id)}`,
      hint: isScore
        ? didYouMean(id, known, 'a score needs a check of that name in the dataset')
        : didYouMean(id, known, `metrics: ${metricIds.join(', ')}`),
    }),
  ]
}

/** Scores that the dataset's checks make, and those that documents give. */
function scoresOf({ draft, dataset }: RuleInput): readonly string[] {
  const checked = [...(dataset?.checks.values() ?? [])].map(({ name }) => scorePrefix + name)
  const recorded = [...draft.configs.values()].flatMap(({ recorded }) =>
    Object.keys(recorded?.metrics ?? {}).filter((id) => id.startsWith(scorePrefix)),
  )
  return [...new Set([...checked, ...recorded])]
}

export function kindsOf(claim: WrittenClaim): readonly ClaimKind[] {
  return claimKinds.filter((kind) => claim[kind] !== undefined)
}

function kindProblems(checked: RuleInput, path: Path, claim: WrittenClaim): readonly Problem[] {
  const { source } = checked.draft
  const [kind, second] = kindsOf(claim)
  if (kind === undefined)
    return [
      source.problem(
        path,
        {
          code: 'missing-key',
          message: `the claim does not say what is claimed`,
          hint: `add one of ${alternatives(claimKinds)}: \`change: "<= -30%"\``,
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
          message: `a claim is one of ${alternatives(claimKinds)}; here are ${quoted(kind)} and ${quoted(second)}`,
          hint: 'write a hypothesis for each',
        },
        'key',
      ),
    ]
  const metric = metricOf(checked, claim.metric)
  const amount = amountOf(claim, kind)
  if (metric === undefined || amount === undefined) return []
  const reading = claimAmount(amount, kind, metric)
  if (isRead(reading)) return []
  return [
    source.problem([...path, kind], {
      code: 'unit-mismatch',
      message: reading.wrong,
      hint: reading.hint,
    }),
  ]
}

/** What is written after the claim's kind, as an amount; undefined where that cannot be read. */
function amountOf(claim: WrittenClaim, kind: ClaimKind): Amount | undefined {
  const text = claim[kind] ?? ''
  if (kind === 'same') {
    const band = parseAmount(text)
    return isRead(band) ? band.value : undefined
  }
  const threshold = parseThreshold(text)
  return isRead(threshold) ? threshold.value.amount : undefined
}

/** What the config is compared with: as said, else its `from`, else the baseline. */
export function versusOf(
  { draft }: Pick<RuleInput, 'draft'>,
  claim: WrittenClaim,
): string | undefined {
  return claim.versus ?? draft.configs.get(claim.config)?.from ?? draft.top.baseline
}

function sideProblems(checked: RuleInput, path: Path, claim: WrittenClaim): readonly Problem[] {
  const { source, configs } = checked.draft
  if (kindsOf(claim)[0] === 'value') {
    if (claim.versus === undefined) return []
    const finding: Finding = {
      code: 'unknown-key',
      message: 'a claim about a value is compared with nothing',
      hint: 'take `versus` out',
    }
    return [source.problem([...path, 'versus'], finding, 'key')]
  }
  if (!configs.has(claim.config)) return []
  const versus = versusOf(checked, claim)
  if (versus === undefined)
    return [
      source.problem([...path, 'config'], {
        code: 'nothing-to-compare',
        message: `nothing says what ${quoted(claim.config)} is compared with`,
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
      hint: 'name the other config in `versus`; `exp run FILE --aa CONFIG` measures the noise of one',
    }),
  ]
}

/** Recorded figures must hold the metric; a metric that is never measured needs them. */
function figureProblems(checked: RuleInput, path: Path, claim: WrittenClaim): readonly Problem[] {
  const { source, configs } = checked.draft
  const metric = metricOf(checked, claim.metric)
  if (metric === undefined) return []
  const isValue = kindsOf(claim)[0] === 'value'
  const sides = [claim.config, isValue ? undefined : versusOf(checked, claim)]
  const lacking = sides.find((key) => {
    const config = key === undefined ? undefined : inherit(configs, key)
    if (config?.recorded !== undefined) return !Object.hasOwn(config.recorded.metrics, metric.id)
    return config?.target !== undefined && metric.appliesTo === 'recorded'
  })
  if (lacking === undefined) return []
  return [
    source.problem([...path, 'metric'], {
      code: 'no-figure',
      message: `${quoted(lacking)} has no ${quoted(metric.id)}${metric.appliesTo === 'recorded' ? ', which is never measured' : ''}`,
      hint: 'claim a metric that both sides have, or add the figure to `recorded`',
    }),
  ]
}
