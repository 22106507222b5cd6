/** How long requests waited for the model to load, and how long a server keeps an idle model. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { parseKeepAlive } from '../analysis/setting-value.ts'
import { effectiveVariablesOf, endedTrials, keyOf, total } from './config-facts.ts'
import { config, count, ms, sharedStatement, type Statement } from './statement.ts'

export interface Loads {
  /** All requests that succeeded. */
  readonly ok: number
  /** Requests that waited for a load. */
  readonly requests: number
  /** Requests that waited for a load at the start of their trial. */
  readonly atStart: number
  readonly longestMs: number
  /** Mean over all requests that succeeded; 0 for those that did not wait. */
  readonly meanMs: number
  /** Loads in the server's log; absent if a trial has no log. */
  readonly logged?: number
  /** Mean load time of the other requests; absent without such requests. */
  readonly otherMs?: number
  /** The shortest time for which the server was idle before a load; absent if no load came after the start. */
  readonly minIdleMs?: number
  /**
   * True if in each trial all requests spend about the same time on loading, so that loading is a cost of every
   * request.
   */
  readonly isSimilarForAll: boolean
}

/** Sums over the trials of a config; `undefined` if no request that succeeded has a load time. */
export function loadsOf(subject: ConfigAnalysis): Loads | undefined {
  const profiles = endedTrials(subject).map(({ profile }) => profile.loads)
  if (profiles.every(({ timed }) => timed === 0)) return undefined
  const logged = profiles.map((loads) => loads.logged)
  const others = endedTrials(subject).flatMap(({ profile, tallies }) =>
    profile.loads.otherMs === undefined
      ? []
      : [{ ms: profile.loads.otherMs, n: tallies.ok - profile.loads.requests }],
  )
  const n = others.reduce((sum, each) => sum + each.n, 0)
  const idle = profiles.flatMap(({ minIdleMs }) => minIdleMs ?? [])
  return {
    ok: total(subject, ({ tallies }) => tallies.ok),
    requests: total(subject, ({ profile }) => profile.loads.requests),
    atStart: total(subject, ({ profile }) => profile.loads.atStart),
    isSimilarForAll: profiles.every((loads) => loads.isSimilarForAll),
    meanMs:
      total(subject, ({ profile }) => profile.loads.ms) /
      total(subject, ({ tallies }) => tallies.ok),
    longestMs: Math.max(0, ...profiles.map(({ longestMs }) => longestMs)),
    ...(logged.every((each) => each !== undefined)
      ? { logged: logged.reduce((sum, each) => sum + each, 0) }
      : {}),
    ...(n === 0 ? {} : { otherMs: others.reduce((sum, each) => sum + each.ms * each.n, 0) / n }),
    ...(idle.length === 0 ? {} : { minIdleMs: Math.min(...idle) }),
  }
}

/**
 * Says how many requests waited for a load, how many loads the log shows, and how long the other requests spent on
 * loading.
 */
export function loadStatements(subject: ConfigAnalysis, loads: Loads): readonly Statement[] {
  const key = config(keyOf(subject))
  return [
    sharedStatement('loads.waited', {
      config: key,
      requests: count(loads.requests),
      of: count(loads.ok),
      longest: ms(loads.longestMs),
    }),
    ...(loads.logged === undefined || loads.logged === 0
      ? []
      : [sharedStatement('loads.logged', { config: key, loads: count(loads.logged) })]),
    ...(loads.otherMs === undefined
      ? []
      : [sharedStatement('loads.others', { config: key, other: ms(loads.otherMs) })]),
  ]
}

/** Says that no request waited for a load after the start. */
export function noLaterLoadsStatement(subject: ConfigAnalysis, { requests }: Loads): Statement {
  return requests === 0
    ? noLoadsStatement(subject)
    : sharedStatement('loads.at-start', {
        config: config(keyOf(subject)),
        requests: count(requests),
      })
}

/** Says that no request waited for a load, with the longest `load_duration`. */
export function noLoadsStatement(subject: ConfigAnalysis): Statement {
  const audit = subject.audits.find(({ id }) => id === 'coldStart')
  const longest = audit?.rounds.map(({ numbers }) => numbers['longestLoadMs'])
  const known = (longest ?? []).filter((each) => typeof each === 'number')
  return sharedStatement('loads.none', {
    config: config(keyOf(subject)),
    longest: ms(Math.max(0, ...known)),
  })
}

/**
 * An idle time of at least this share of the keep-alive time counts as expired, because client and server measure it
 * with different timers.
 */
const minIdleShare = 0.9

/** True if the server was idle for so long that it unloaded the model. */
export function hasExpired(idleMs: number, keepAliveMs: number): boolean {
  return idleMs >= keepAliveMs * minIdleShare
}

/** Says that the model was loaded again before it had been idle for the keep-alive time. */
export function notIdleStatement(key: string, idleMs: number, keepAliveMs: number): Statement {
  const idle = { config: config(key), idle: ms(idleMs) }
  return keepAliveMs === Infinity
    ? sharedStatement('loads.kept-forever', idle)
    : sharedStatement('loads.not-idle', { ...idle, keepAlive: ms(keepAliveMs) })
}

/**
 * How long the server keeps an idle model, in ms: set by the requests or, if they do not set it, by its environment.
 * `Infinity` means forever. `undefined` if neither sets it.
 */
export function keepAliveOf(side: ConfigAnalysis): number | undefined {
  const requested = side.config.kind === 'measured' ? side.config.workload.keepAlive : undefined
  const written = requested ?? effectiveVariablesOf(side)?.get('OLLAMA_KEEP_ALIVE')
  if (written === undefined) return undefined
  return parseKeepAlive(String(written))
}
