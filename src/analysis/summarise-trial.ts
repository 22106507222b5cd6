/** Reduces one stored trial to a summary that is small enough to keep a thousand of them in memory. */
import type { Objective } from '../experiment/threshold.ts'
import { sampledFactIds } from '../results/facts.ts'
import type { Evidence } from '../results/record.ts'
import type { StoredTrial } from '../results/store.ts'
import type { Counts } from '../stats/interval.ts'
import { trialAudits } from './audits/trial-audits.ts'
import {
  largest,
  rowsWhere,
  sum,
  sampleColumn,
  sumIn,
  valuesIn,
  mean,
  smallerOf,
  smallest,
  type MeasuredRequests,
} from './measured-requests.ts'
import { itemFigures } from './item-figures.ts'
import { measuredTrial } from './measured-trial.ts'
import { requestProfile } from './request-profile.ts'
import { turnFigures } from './turn-figures.ts'
import { trialFigures } from './trial-figures.ts'
import type { Failure, SampleScore, Tallies, TokenTime, TrialSummary } from './trial-summary.ts'
import { seriesTrend } from '../stats/trend.ts'

/** @param objectives what the service must achieve; without them the trial has no goodput */
export function summariseTrial(
  stored: StoredTrial,
  objectives: readonly Objective[] = [],
): TrialSummary {
  const otherModels = stored.evidence.filter(({ model }) => model !== undefined)
  const trial = { ...stored, evidence: stored.evidence.filter(({ model }) => model === undefined) }
  const measured = measuredTrial(trial)
  const figures = trialFigures(trial, measured, objectives)
  const { file, digest, header, evidence, end } = trial
  const { window } = measured
  const time = tokenTime(measured)
  const items = itemFigures(trial, measured, objectives)
  const turns = turnFigures(trial, measured, objectives)
  return {
    file,
    digest,
    header,
    evidence: evidence.filter((each) => !isSample(each)),
    ...(otherModels.length === 0 ? {} : { otherModels }),
    ...(window === undefined ? {} : { window }),
    ...(end === undefined ? {} : { end }),
    outcome: end?.outcome ?? 'interrupted',
    figures,
    ...(items.size === 0 ? {} : { items }),
    ...(turns.size === 0 ? {} : { turns }),
    scores: new Map(trial.requests.checks().map((check) => [check, sampleScores(check, measured)])),
    failures: failuresOf(measured),
    ...refusalsOf(measured),
    tallies: talliesOf(measured),
    audits: trialAudits(trial, measured, figures),
    profile: requestProfile(trial, measured),
    ...(time === undefined ? {} : { tokenTime: time }),
  }
}

const sampledIds: ReadonlySet<string> = new Set(sampledFactIds)

/** True if the record holds only facts that are sampled each second, of which a long trial has thousands. */
function isSample({ facts, missing = {} }: Evidence): boolean {
  return [...Object.keys(facts), ...Object.keys(missing)].every((id) => sampledIds.has(id))
}

function sampleScores(
  check: string,
  { table, ok }: MeasuredRequests,
): ReadonlyMap<string, SampleScore> {
  const column = table.scores(check)
  const samples = sampleColumn(table)
  const sums = new Map<string, { total: number; n: number }>()
  for (const row of ok) {
    const sample = samples.texts[samples.codes[row] ?? -1]
    const score = column[row] ?? NaN
    if (sample === undefined || Number.isNaN(score)) continue
    const { total, n } = sums.get(sample) ?? { total: 0, n: 0 }
    sums.set(sample, { total: total + score, n: n + 1 })
  }
  return new Map([...sums].map(([sample, { total, n }]) => [sample, { mean: total / n, n }]))
}

function talliesOf({ table, ok }: MeasuredRequests): Tallies {
  const reasons = table.texts('doneReason')
  const samples = sampleColumn(table)
  const doneReasons = new Map<string, number>()
  const cutBySample = new Map<string, Counts>()
  for (const row of ok) {
    const reason = reasons.texts[reasons.codes[row] ?? -1]
    if (reason === undefined) continue
    doneReasons.set(reason, (doneReasons.get(reason) ?? 0) + 1)
    const sample = samples.texts[samples.codes[row] ?? -1]
    if (sample === undefined) continue
    const { part, whole } = cutBySample.get(sample) ?? { part: 0, whole: 0 }
    cutBySample.set(sample, { part: part + Number(reason === 'length'), whole: whole + 1 })
  }
  const cached = valuesIn(ok, table.numbers('cachedTokens'))
  return {
    ok: ok.length,
    doneReasons,
    cutBySample,
    thinking: valuesIn(ok, table.numbers('firstThinkingMs')).length,
    promptTokens: sumIn(ok, table.numbers('promptTokens')),
    ...(cached.length === 0 ? {} : { cachedTokens: sum(cached) }),
    maxOutputTokens: largest(valuesIn(ok, table.numbers('outputTokens')), 0),
    ...cutLengthOf({ table, ok }),
    promptDigests: promptDigests({ table, ok }),
    remoteHosts: table.texts('remoteHost').texts,
  }
}

function cutLengthOf({
  table,
  ok,
}: Pick<MeasuredRequests, 'table' | 'ok'>): Pick<Tallies, 'cutLength'> {
  const reasons = table.texts('doneReason')
  const length = reasons.texts.indexOf('length')
  const cut = rowsWhere(ok, (row) => length >= 0 && reasons.codes[row] === length)
  const [tokens, ...others] = new Set(valuesIn(cut, table.numbers('outputTokens')))
  if (tokens === undefined || others.length > 0) return {}
  return { cutLength: { tokens, answers: cut.length } }
}

function promptDigests({
  table,
  ok,
}: Pick<MeasuredRequests, 'table' | 'ok'>): ReadonlyMap<string, string> {
  const samples = sampleColumn(table)
  const digests = table.texts('promptDigest')
  const bySample = new Map<string, string>()
  for (const row of ok) {
    const sample = samples.texts[samples.codes[row] ?? -1]
    const digest = digests.texts[digests.codes[row] ?? -1]
    if (sample !== undefined && digest !== undefined) bySample.set(sample, digest)
  }
  return bySample
}

function failuresOf({ table, sent }: MeasuredRequests): readonly Failure[] {
  const outcomes = table.texts('outcome')
  const errors = table.texts('error')
  const statuses = table.numbers('httpStatus')
  const failures = new Map<string, Failure>()
  for (const row of sent) {
    const outcome = outcomes.texts[outcomes.codes[row] ?? -1]
    if (outcome === undefined || outcome === 'ok') continue
    const status = outcome === 'http-error' ? (statuses[row] ?? NaN) : NaN
    const error = errors.texts[errors.codes[row] ?? -1]
    const first: Failure = {
      outcome,
      count: 0,
      ...(Number.isNaN(status) ? {} : { httpStatus: status }),
      ...(error === undefined ? {} : { error }),
    }
    const kind = `${outcome} ${status}`
    const known = failures.get(kind) ?? first
    failures.set(kind, {
      ...known,
      count: known.count + 1,
      ...(known.error === error ? {} : { hasOtherErrors: true }),
    })
  }
  return [...failures.values()].sort((one, other) => other.count - one.count)
}

/** Ollama's answer to a request that finds its queue full (server/routes.go `ErrMaxQueue`). */
const queueIsFull = 'maximum pending requests exceeded'

function refusalsOf({ table, sent }: MeasuredRequests): Pick<TrialSummary, 'refusals'> {
  const errors = table.texts('error')
  const isRefusal = errors.texts.map((text) => text.includes(queueIsFull))
  const refused = rowsWhere(sent, (row) => isRefusal[errors.codes[row] ?? -1] === true)
  const error = errors.texts[errors.codes[refused[0] ?? -1] ?? -1]
  if (error === undefined) return {}
  const [httpStatus] = valuesIn(refused.slice(0, 1), table.numbers('httpStatus'))
  return {
    refusals: { count: refused.length, error, ...(httpStatus === undefined ? {} : { httpStatus }) },
  }
}

/**
 * The time per output token without waiting: from the server's decode time or, if the server does not report it, from
 * the client's time between the first and the last token. Uses only requests that ran under the full load: they were
 * sent after the first request had ended, and ended before the last one was sent. `undefined` if fewer than 4 of these
 * have a known time.
 */
function tokenTime({ table, ok, sent }: MeasuredRequests): TokenTime | undefined {
  const [sentAt, endAt] = [table.numbers('sentMs'), table.numbers('endMs')]
  const firstEnd = smallest(valuesIn(sent, endAt), Infinity)
  const lastSent = largest(valuesIn(sent, sentAt), -Infinity)
  const loaded = rowsWhere(
    ok,
    (row) => (sentAt[row] ?? NaN) >= firstEnd && (endAt[row] ?? NaN) <= lastSent,
  )
  const times = valuesIn(loaded, logTokenTimes(table))
  const trend = seriesTrend(times)
  return trend && { logMs: mean(times), trend }
}

/** The logarithm of the time per output token of each row; `NaN` if it is unknown. */
function logTokenTimes(table: MeasuredRequests['table']): Float64Array {
  const [tokens, endAt] = [table.numbers('outputTokens'), table.numbers('endMs')]
  const firstAt = smallerOf(table.numbers('firstThinkingMs'), table.numbers('firstContentMs'))
  return table.numbers('evalMs').map((decode, row) => {
    const [count = NaN, streamed] = [tokens[row], (endAt[row] ?? NaN) - (firstAt[row] ?? NaN)]
    const ms = Number.isNaN(decode) ? streamed / (count - 1) : decode / count
    return ms > 0 && ms < Infinity ? Math.log(ms) : NaN
  })
}
