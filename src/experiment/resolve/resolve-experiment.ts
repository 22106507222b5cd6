/**
 * Turns the parts of a file without errors into an experiment: fills in defaults, converts units, resolves inheritance.
 */
import { type Locale, locales } from '../../format/locales.generated.ts'
import { metricById } from '../../metrics/catalog.ts'
import { objectiveMetrics } from '../../metrics/objectives.ts'
import type { Draft, FileRuleInput, DatasetDraft } from '../draft.ts'
import type { Check, Dataset, Sample, SampleImage } from '../dataset.ts'
import type { Claim, Experiment, Hypothesis } from '../experiment.ts'
import { cellPairOf, type FactorContrast } from '../grid.ts'
import type { Threshold } from '../threshold.ts'
import type { WrittenClaim } from '../schema/written-hypothesis.ts'
import { parseAmount, parseDuration } from '../values/amount.ts'
import { readChecked } from '../values/reading.ts'
import { type ClaimKind, claimAmount, claimKinds, parseThreshold } from '../values/threshold.ts'
import { resolveModel } from './resolve-model.ts'
import { placedSamples } from './resolve-samples.ts'
import { estimatesIn, hardwareIn, resolveTexts } from './resolve-texts.ts'
import { resolveWorkload } from './resolve-workload.ts'
import { jsonDigest } from '../../json/json.ts'
import type { WrittenCheck } from '../schema/written-dataset.ts'
import { languagesFor, textIn } from '../texts.ts'

/** The minimum number of rounds that a race measures of each config. */
const minRoundsOfRace = 2

/** @param input the parts of a file that has no errors */
export function resolveExperiment(id: string, input: FileRuleInput): Experiment {
  const { draft, configs } = input
  const dataset = input.datasets.defaultDataset?.dataset
  const { source, top } = draft
  const { title, question, hardware, keep, until, budget, baseline, analysis, follows } = top
  const reportLocales = localesOf(top.locale)
  const languages = languagesFor(reportLocales[0], reportLocales)
  const texts = resolveTexts(id, input, reportLocales)
  const model = resolveModel(top.model)
  const { workload } = top
  const options = workload?.options ?? {}
  const stoppingRule = until && {
    metric: until.metric,
    halfWidth: Number.parseFloat(until.halfWidth),
    maxRounds: until.maxRounds,
  }
  return {
    id,
    file: source.file,
    title: textIn(languages, title ?? id),
    ...(question === undefined ? {} : { question: textIn(languages, question) }),
    locales: reportLocales,
    ...(texts === undefined ? {} : { texts }),
    tags: top.tags ?? [],
    hardware: hardwareIn(languages, hardware),
    ...(model === undefined ? {} : { model }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(workload === undefined ? {} : { workload: resolveWorkload(workload) }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    keep: { prompts: keep?.prompts ?? 'digest', answers: keep?.answers ?? 'none' },
    rounds: top.tune === undefined ? (top.rounds ?? stoppingRule?.maxRounds ?? 6) : minRoundsOfRace,
    ...(stoppingRule === undefined ? {} : { until: stoppingRule }),
    ...resolveObjectives(top.slo),
    ...(top.looks === undefined ? {} : { looks: top.looks }),
    ...(budget === undefined ? {} : { budgetMs: readChecked(parseDuration(budget)) }),
    whenUnavailable: top.whenUnavailable ?? 'fail',
    configs,
    ...(draft.series === undefined ? {} : { series: draft.series }),
    ...(draft.search === undefined ? {} : { search: draft.search }),
    ...resolveGrid(draft),
    ...(baseline === undefined ? {} : { baseline }),
    ...(top.rankBy === undefined ? {} : { rankBy: top.rankBy }),
    hypotheses: resolveHypotheses(input, languages),
    ...(top.estimates === undefined ? {} : { estimates: estimatesIn(languages, top.estimates) }),
    show: [...new Set(top.show)],
    ...(analysis === undefined ? {} : { analysis: textIn(languages, analysis) }),
    ...(follows === undefined ? {} : { follows }),
  }
}

/** The grid of `vary`, or the race of `tune`. */
function resolveGrid({ grid, top: { tune } }: Draft): Pick<Experiment, 'grid' | 'tuning'> {
  if (grid === undefined) return {}
  if (tune === undefined) return { grid }
  return {
    tuning: {
      grid,
      maximize: tune.maximize,
      ignoreBelow: Number.parseFloat(tune.ignoreBelow ?? '3%'),
      budgetMs: readChecked(parseDuration(tune.budget)),
    },
  }
}

export function localesOf(written: Draft['top']['locale']): readonly [Locale, ...Locale[]] {
  const [first = locales[0], ...others] = new Set(typeof written === 'string' ? [written] : written)
  return [first, ...others]
}

function resolveHypotheses(
  input: FileRuleInput,
  languages: readonly Locale[],
): readonly Hypothesis[] {
  return [...input.draft.hypotheses].map(([index, { id, statement, claim, gate }]) => ({
    id: id ?? `H${index + 1}`,
    statement: textIn(languages, statement),
    claim: resolveClaim(input, claim),
    gate: gate ?? false,
  }))
}

function resolveClaim(input: FileRuleInput, claim: WrittenClaim): Claim {
  const { metric } = claim
  const factor = factorOf(input.draft, claim)
  const cells = factor && input.draft.grid && cellPairOf(input.draft.grid, factor)
  const config = cells?.to ?? claim.config ?? ''
  const about = { metric, config, ...(factor === undefined ? {} : { factor }) }
  const [kind = 'value'] = kindsOf(claim)
  const written = claim[kind] ?? ''
  if (kind === 'value') return { ...about, kind, threshold: thresholdOf(written, kind, metric) }
  const versus = cells?.from ?? versusOf(input.draft, claim) ?? config
  if (kind === 'same')
    return { ...about, kind, versus, text: written, band: bandOf(written, metric) }
  return { ...about, kind, versus, threshold: thresholdOf(written, kind, metric) }
}

/** The kinds of claim whose key is present. A valid claim has exactly one. */
export function kindsOf(claim: WrittenClaim): readonly ClaimKind[] {
  return claimKinds.filter((kind) => claim[kind] !== undefined)
}

/** Key of the config that the claim compares with: its `versus`, else the `from` of its config, else the baseline. */
export function versusOf(draft: Draft, claim: WrittenClaim): string | undefined {
  const { config } = claim
  const from = config === undefined ? undefined : draft.configs.get(config)?.from
  return claim.versus ?? from ?? draft.top.baseline
}

function factorOf({ grid }: Draft, { factor, between }: WrittenClaim): FactorContrast | undefined {
  if (grid === undefined || factor === undefined || between === undefined) return undefined
  const [from, to] = between
  return { name: factor, from: String(from), to: String(to) }
}

/** The objectives of `slo`. */
function resolveObjectives(slo: Draft['top']['slo']): Pick<Experiment, 'objectives'> {
  const objectives = objectiveMetrics.flatMap(({ id }) => {
    const written = slo?.[id]
    return written === undefined
      ? []
      : [{ metric: id, threshold: thresholdOf(written, 'value', id) }]
  })
  return objectives.length === 0 ? {} : { objectives }
}

function thresholdOf(text: string, kind: ClaimKind, metric: string): Threshold {
  const { comparator, amount } = readChecked(parseThreshold(text))
  return { comparator, value: readChecked(claimAmount(amount, kind, metricNamed(metric))), text }
}

function bandOf(text: string, metric: string): number {
  return Math.abs(
    readChecked(claimAmount(readChecked(parseAmount(text)), 'same', metricNamed(metric))),
  )
}

function metricNamed(id: string) {
  const metric = metricById(id)
  if (metric === undefined) throw new TypeError(`no metric ${id}`)
  return metric
}

/**
 * The dataset; undefined if it has no name or no samples. Its digest leaves out the labels of checks.
 * @param images by path, as samples write it
 */
export function resolveDataset(
  draft: DatasetDraft,
  languages: readonly Locale[],
  images: ReadonlyMap<string, SampleImage> = new Map(),
): Dataset | undefined {
  const { privateName, name = privateName } = draft
  if (name === undefined || draft.samples.size === 0) return undefined
  const samples = placedSamples(draft.samples).map(({ sample, images: paths }): Sample => {
    const own = paths?.flatMap((path) => images.get(path) ?? [])
    return { ...sample, ...(own && { images: own }) }
  })
  const written = [...draft.checks.values()]
  const samplesForDigest = samples.map(({ images: own, ...sample }) => ({
    ...sample,
    ...(own && { images: own.map((image) => image.digest) }),
  }))
  const digest = jsonDigest({ samples: samplesForDigest, checks: written.map(resolveCheck) })
  const checks = written.map((check) => ({
    ...resolveCheck(check),
    ...(check.label === undefined ? {} : { label: textIn(languages, check.label) }),
  }))
  return privateName === undefined
    ? { name, samples, checks, digest }
    : { name: privateName, samples, checks, digest, isPrivate: true }
}

function resolveCheck({ name, field, measure, range, pattern }: WrittenCheck): Check {
  return {
    name,
    measure,
    ...(field === undefined ? {} : { field }),
    ...(range === undefined ? {} : { range }),
    ...(pattern === undefined ? {} : { pattern }),
  }
}
