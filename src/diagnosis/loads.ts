/** The loads that requests of a config waited for, over its trials. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { keyOf } from './case.ts'
import { endedTrials, shareOfRequests, total } from './config-facts.ts'
import { config, count, ms, statement, type Statement } from './statement.ts'

export interface Loads {
  /** Ok requests in all, those that waited for a load, and those of them that were the first of their trial. */
  readonly ok: number
  readonly requests: number
  readonly atStart: number
  readonly longestMs: number
  /** Loads that the log proves; absent where a trial has no log. */
  readonly logged?: number
  /** Mean load time of the other requests. */
  readonly otherMs?: number
  readonly leastIdleMs?: number
}

/** Absent without an ok request. */
export function loadsOf(subject: ConfigAnalysis): Loads | undefined {
  if (shareOfRequests(subject, () => 0) === undefined) return undefined
  const profiles = endedTrials(subject).map(({ profile }) => profile.loads)
  const logged = profiles.map((loads) => loads.logged)
  const others = endedTrials(subject).flatMap(({ profile, tallies }) =>
    profile.loads.otherMs === undefined
      ? []
      : [{ ms: profile.loads.otherMs, n: tallies.ok - profile.loads.requests }],
  )
  const n = others.reduce((sum, each) => sum + each.n, 0)
  const idle = profiles.flatMap(({ minIdleMs: leastIdleMs }) => leastIdleMs ?? [])
  return {
    ok: total(subject, ({ tallies }) => tallies.ok),
    requests: total(subject, ({ profile }) => profile.loads.requests),
    atStart: total(subject, ({ profile }) => profile.loads.atStart),
    longestMs: Math.max(0, ...profiles.map(({ longestMs }) => longestMs)),
    ...(logged.every((each) => each !== undefined)
      ? { logged: logged.reduce((sum, each) => sum + each, 0) }
      : {}),
    ...(n === 0 ? {} : { otherMs: others.reduce((sum, each) => sum + each.ms * each.n, 0) / n }),
    ...(idle.length === 0 ? {} : { leastIdleMs: Math.min(...idle) }),
  }
}

/** How many waited for a load and for how long at most, what the log says, and what the others paid. */
export function loadStatements(subject: ConfigAnalysis, loads: Loads): readonly Statement[] {
  const key = config(keyOf(subject))
  return [
    statement('loads.waited', {
      config: key,
      requests: count(loads.requests),
      of: count(loads.ok),
      longest: ms(loads.longestMs),
    }),
    ...(loads.logged === undefined || loads.logged === 0
      ? []
      : [statement('loads.logged', { config: key, loads: count(loads.logged) })]),
    ...(loads.otherMs === undefined
      ? []
      : [statement('loads.others', { config: key, other: ms(loads.otherMs) })]),
  ]
}

/** That nobody waited for a load after the first requests. */
export function noLaterLoadsStatement(subject: ConfigAnalysis, { requests }: Loads): Statement {
  return requests === 0
    ? noLoadsStatement(subject)
    : statement('loads.at-start', { config: config(keyOf(subject)), requests: count(requests) })
}

/** That nobody waited for a load, with the longest `load_duration` there was. */
export function noLoadsStatement(subject: ConfigAnalysis): Statement {
  const audit = subject.audits.find(({ id }) => id === 'coldStart')
  const longest = audit?.rounds.map(({ numbers }) => numbers['longestLoadMs'])
  const known = (longest ?? []).filter((each) => typeof each === 'number')
  return statement('loads.none', {
    config: config(keyOf(subject)),
    longest: ms(Math.max(0, ...known)),
  })
}
