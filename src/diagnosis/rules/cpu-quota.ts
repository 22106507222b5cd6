/** A CPU quota that really binds: the kernel stops the whole container until the next period. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf, type RuleInput } from '../case.ts'
import { computesSlower, speedStatements } from '../compute.ts'
import { cpuQuotaOf } from '../container.ts'
import type { Found } from '../diagnosis.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import type { Fix } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { numberOf } from '../config-facts.ts'
import { config, count, exact, ms, percent, statement, type Statement } from '../statement.ts'
import { throttlingOf, type Throttling } from '../throttling.ts'

/** Share of scheduling periods, in percent, from which being held back matters. */
const throttledShare = 10

export const cpuQuota: Rule = (given) => {
  const { subject, reference } = given
  const key = keyOf(subject)
  const quota = cpuQuotaOf(subject)
  if (quota === undefined) return undefined
  const others = reference && cpuQuotaOf(reference)
  if (others !== undefined && others <= quota)
    return ruledOut(
      'cpu-quota',
      statement('quota.no-less', { quota: exact(quota), referenceQuota: exact(others) }),
    )
  const throttling = throttlingOf(subject)
  if (throttling === undefined) return unchecked('cpu-quota', key, 'containerThrottledPeriods')
  const share = (throttling.throttled / throttling.periods) * 100
  if (share <= throttledShare) return ruledOut('cpu-quota', throttledStatement(key, throttling))
  const sure = computesSlower(given)
  return found('cpu-quota', {
    configs: [key],
    certainty: sure ? 'proven' : 'possible',
    evidence: onlyDefined(
      quotaStatement(subject, quota),
      throttledStatement(key, throttling),
      reference && referenceStatement(reference, others),
      ...(sure ? speedStatements(given) : []),
    ),
    share: 'at-most',
    claims: allButLongerAnswers(given),
    fixes: fixesOf(subject, quota, others),
  })
}

function quotaStatement(subject: ConfigAnalysis, quota: number): Statement {
  const seen = { config: config(keyOf(subject)), quota: exact(quota) }
  const threads = numberOf(subject, 'threads')
  return threads === undefined
    ? statement('quota.seen', seen)
    : statement('quota.threads', { ...seen, threads: count(threads) })
}

function throttledStatement(key: string, { periods, throttled, ms: time }: Throttling): Statement {
  return statement('quota.throttled', {
    config: config(key),
    throttled: count(throttled),
    periods: count(periods),
    share: percent((throttled / periods) * 100),
    time: ms(time),
  })
}

function referenceStatement(reference: ConfigAnalysis, quota: number | undefined): Statement {
  const seen = { config: config(keyOf(reference)) }
  return quota === undefined
    ? statement('quota.none', seen)
    : statement('quota.reference', { ...seen, quota: exact(quota) })
}

/** A server that is stopped is late with all that it does. */
function allButLongerAnswers({ gap }: RuleInput): Found['claims'] {
  if (gap === undefined) return {}
  const { wait, load, prefill, slowerTokens, outside } = gap.parts
  return { wait, load, prefill, slowerTokens, outside }
}

/** As many CPUs as the other side has; where the limit has to stay, no more threads than it has room for. */
function fixesOf(
  subject: ConfigAnalysis,
  quota: number,
  others: number | undefined,
): readonly Fix[] {
  const key = keyOf(subject)
  const cpus = others ?? numberOf(subject, 'cpuCount')
  const room = Math.max(1, Math.floor(quota))
  return [
    {
      code: 'larger-quota',
      config: key,
      settings: [
        {
          kind: 'container',
          name: 'cpus',
          ...(cpus !== undefined && cpus > quota && { value: cpus }),
        },
      ],
    },
    ...((numberOf(subject, 'threads') ?? 0) > room
      ? [
          {
            code: 'fewer-threads',
            config: key,
            settings: [{ kind: 'option', name: 'num_thread', value: room }],
          } as const,
        ]
      : []),
  ]
}
