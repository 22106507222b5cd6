/** From an analysis to its causes. The room's way in; types are in diagnosis.ts. */
import type { Analysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { allocate } from './allocate.ts'
import type { RuleInput } from './case.ts'
import type { Diagnosis, RuleResult, Explanation, Found, Missing, Unchecked } from './diagnosis.ts'
import { ruledOut } from './examination.ts'
import { gapParts, type Gap, type GapPart } from './gap.ts'
import { explainedPairs, type ExplainedPair } from './pairs.ts'
import { rank } from './rank.ts'
import { rules, settingRules } from './rules.ts'
import { statement } from './statement.ts'

/** Pure: the same analysis gives the same diagnosis. */
export function diagnose(experiment: Experiment, analysis: Analysis): Diagnosis {
  const explanations = explainedPairs(experiment, analysis).map((pair) =>
    explain(pair, experiment, analysis),
  )
  const settings = settingRules.map((rule) => rule(analysis.configs))
  const settingsUnchecked = of(settings, 'unchecked')
  return {
    explanations,
    settings: of(settings, 'found').map((found) => {
      return { ...found, rank: 'improvable', ms: {}, totalMs: 0, within: [] }
    }),
    settingsRuledOut: of(settings, 'ruled-out'),
    settingsUnchecked,
    toRecord: toRecord(
      [...explanations.flatMap(({ unchecked }) => unchecked), ...settingsUnchecked],
      analysis,
    ),
  }
}

function explain(pair: ExplainedPair, experiment: Experiment, analysis: Analysis): Explanation {
  const given: RuleInput = { experiment, configs: analysis.configs, ...pair }
  const examinations = rules.map((rule) => asExplaining(rule(given), pair))
  const findings = of(examinations, 'found').map((found) => asTested(found, pair.gap))
  return {
    subject: pair.subject.config.key,
    ...(pair.reference === undefined ? {} : { reference: pair.reference.config.key }),
    ...(pair.gap === undefined ? {} : { gap: pair.gap }),
    ...(pair.ratio === undefined ? {} : { ratio: pair.ratio }),
    findings: rank(allocate(findings, pair.gap), pair.gap),
    ruledOut: of(examinations, 'ruled-out'),
    unchecked: of(examinations, 'unchecked'),
  }
}

function of<Outcome extends NonNullable<RuleResult>['outcome']>(
  examinations: readonly RuleResult[],
  outcome: Outcome,
): readonly Extract<NonNullable<RuleResult>, { outcome: Outcome }>[] {
  return examinations.filter(
    (each): each is Extract<NonNullable<RuleResult>, { outcome: Outcome }> =>
      each?.outcome === outcome,
  )
}

/**
 * What claims only parts in which the slower side spends no more time, beyond noise, explains nothing of the
 * difference, however surely it is there.
 */
function asExplaining(examination: RuleResult, { gap, reference }: ExplainedPair): RuleResult {
  if (examination?.outcome !== 'found' || gap === undefined || reference === undefined)
    return examination
  const claimed = gapParts.filter((part) => examination.claims[part] !== undefined)
  const costs = claimed.some((part) => gap.shown.has(part) && gap.parts[part] > 0)
  if (claimed.length === 0 || costs) return examination
  const [first] = examination.evidence
  return ruledOut(
    examination.cause,
    ...(first === undefined ? [] : [first]),
    statement('costs-nothing', {}),
  )
}

/** What is there for sure explains the difference for sure only by parts that differ for sure. */
function asTested(found: Found, gap: Gap | undefined): Found {
  if (gap === undefined || found.certainty !== 'proven') return found
  const claimed = gapParts.filter((part) => found.claims[part] !== undefined)
  const proves = (part: GapPart) => gap.proven.has(part) && gap.parts[part] > 0
  if (claimed.length === 0 ? gap.tested : claimed.some(proves)) return found
  const untold = gap.tested ? [statement('cost-not-proven', {})] : []
  return { ...found, certainty: 'likely', reservations: [...found.reservations, ...untold] }
}

/** What the documents of recorded configs left out, each once. */
function toRecord(unchecked: readonly Unchecked[], { configs }: Analysis): readonly Missing[] {
  const recorded = new Set(
    configs.filter(({ state }) => state === 'recorded').map(({ config }) => config.key),
  )
  const missing = unchecked
    .flatMap((each) => each.missing)
    .filter(({ config }) => recorded.has(config))
  return missing.filter(
    (one, index) =>
      missing.findIndex((other) => other.config === one.config && other.fact === one.fact) ===
      index,
  )
}
