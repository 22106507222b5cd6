/** How long a server keeps an idle model: what the requests ask for, else what the server's environment says. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { effectiveVariablesOf } from './config-facts.ts'
import { config, ms, statement, type Statement } from './statement.ts'

/** Timers of client and server do not agree better than this. */
const tolerance = 0.9

/** Whether a pause was as long as an idle model is kept. */
export function hasExpired(idleMs: number, keptMs: number): boolean {
  return idleMs >= keptMs * tolerance
}

/** That a load came sooner than an idle model goes. */
export function notIdleStatement(key: string, idleMs: number, keptMs: number): Statement {
  const idle = { config: config(key), idle: ms(idleMs) }
  return keptMs === Infinity
    ? statement('loads.kept-forever', idle)
    : statement('loads.not-idle', { ...idle, keepAlive: ms(keptMs) })
}

/** In ms, Infinity for ever; undefined where neither says. */
export function keepAliveOf(side: ConfigAnalysis): number | undefined {
  const asked = side.config.kind === 'measured' ? side.config.workload.keepAlive : undefined
  const written = asked ?? effectiveVariablesOf(side)?.get('OLLAMA_KEEP_ALIVE')
  if (written === undefined) return undefined
  const duration = typeof written === 'number' ? written * 1000 : parseGoDuration(written)
  return duration !== undefined && duration < 0 ? Infinity : duration
}

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
}

/** A Go duration, or a bare number of seconds, in ms; undefined for anything else. */
export function parseGoDuration(text: string): number | undefined {
  const bare = text.trim()
  if (/^-?\d+(\.\d+)?$/.test(bare)) return Number(bare) * 1000
  if (!/^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(bare)) return undefined
  const parts = [...bare.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  const sum = parts.reduce(
    (ms, [, amount, unit = '']) => ms + Number(amount) * (unitMs[unit] ?? 0),
    0,
  )
  return bare.startsWith('-') ? -sum : sum
}
