import { describe, expect, it } from 'vitest'
import type { ConfigAudit } from '../../src/analysis/audits/audit.ts'
import { drift } from '../../src/analysis/audits/drift.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import { withoutFields } from '../diagnosis/support/request-changes.ts'
import { noisyPace, type PaceNoise } from '../support/noise.ts'
import { seededNormal, seededRandom } from '../support/random.ts'
import type { Simulation } from './simulate.ts'
import { roundsOf } from './simulated-analysis.ts'

/** 3 users send about 40 requests. */
const short: Simulation = { windowMs: 2_700, noise: 0 }
const similar: PaceNoise = { spread: 0.05, correlation: 0.9 }

interface Trials {
  readonly rounds: number
  readonly seed?: number
  readonly noise?: PaceNoise
  readonly server?: Simulation
  /** Factor on the times of a round. */
  readonly pace?: (round: number) => number
  readonly config?: string
}

function trials({
  rounds,
  seed = 1,
  noise = similar,
  server = short,
  pace = () => 1,
  config = 'native',
}: Trials): readonly TrialSummary[] {
  const source = { normal: seededNormal(seed), random: seededRandom(seed) }
  return roundsOf(config, rounds, (round) => ({
    ...server,
    seed: seed * 100 + round,
    pace: pace(round),
    decodePace: noisyPace(noise, source),
  }))
}

function audit(given: Trials): ConfigAudit | undefined {
  const ended = trials(given)
  return drift(ended, [ended])
}

/** The share of experiments in which the audit fails. */
function foundShare(experiments: number, given: Trials): number {
  const seeds = Array.from({ length: experiments }, (_, index) => index + 1)
  const found = seeds.filter((seed) => audit({ ...given, seed })?.outcome === 'fail')
  return found.length / experiments
}

describe('drift', () => {
  it('is not found in healthy trials with strong autocorrelation', () => {
    expect(foundShare(200, { rounds: 6 })).toBeLessThanOrEqual(0.01)
    expect(foundShare(400, { rounds: 1 })).toBeLessThanOrEqual(0.01)
  })

  it('is not caused by a few slow requests', () => {
    const noise = { ...similar, stragglers: 0.02 }
    expect(foundShare(150, { rounds: 6, noise })).toBeLessThanOrEqual(0.01)
  })

  it.each([0, 0.9])(
    'is found in 6 trials that slow down by 25 %%, autocorrelation %s',
    (correlation) => {
      const noise = { spread: 0.05, correlation, slowdown: 1.25 }
      expect(foundShare(100, { rounds: 6, noise })).toBeGreaterThanOrEqual(0.75)
    },
  )

  it('states the mean change over the trials, and what it could have found', () => {
    const noise = { spread: 0.02, correlation: 0, slowdown: 1.25 }
    const found = audit({ rounds: 6, noise })
    expect(found).toMatchObject({ outcome: 'fail', checked: 6, found: 6 })
    expect(Number(found?.numbers['changePercent'])).toBeCloseTo(25, -1)
    expect(Number(found?.numbers['detectablePercent'])).toBeLessThan(25)
  })

  it('is found in a single long trial', () => {
    const server = { windowMs: 60_000, noise: 0 }
    const healthy = { spread: 0.02, correlation: 0.3 }
    const slowing = { ...healthy, slowdown: 1.5 }
    const ended = [
      ...trials({ rounds: 5, server, noise: healthy }),
      ...trials({ rounds: 6, server, noise: slowing }).slice(5),
    ]
    expect(drift(ended, [ended])).toMatchObject({ outcome: 'fail', checked: 6, found: 1 })
  })

  it('is unchecked if the test would not find 25 %', () => {
    const one = audit({ rounds: 1 })
    expect(one).toMatchObject({ outcome: 'unchecked', checked: 0, found: 0 })
    expect(Number(one?.numbers['detectablePercent'])).toBeGreaterThan(25)
    const noise = { spread: 0.02, correlation: 0 }
    expect(audit({ rounds: 1, noise, server: { ...short, windowMs: 30_000 } })?.outcome).toBe(
      'pass',
    )
  })

  it('does not take a growing wait for drift', () => {
    const alter: Simulation['alter'] = (request) => ({
      ...request,
      serverTotalMs: (request.serverTotalMs ?? 0) + request.sentMs,
    })
    const noise = { spread: 0.02, correlation: 0 }
    expect(audit({ rounds: 6, noise, server: { ...short, alter } })?.outcome).toBe('pass')
  })

  it('uses the time between tokens if the server reports no durations', () => {
    const server = { ...short, alter: withoutFields('evalMs', 'promptEvalMs', 'serverTotalMs') }
    const noise = { spread: 0.02, correlation: 0, slowdown: 1.25 }
    expect(audit({ rounds: 6, noise, server })?.outcome).toBe('fail')
    const unknown = { ...short, alter: withoutFields('outputTokens') }
    expect(audit({ rounds: 6, server: unknown })).toMatchObject({
      outcome: 'unchecked',
      numbers: {},
    })
  })

  it('does not count the wait for the first answers', () => {
    const server = { users: 64, slots: 64, decodeMs: 3000, windowMs: 30_000 }
    expect(audit({ rounds: 4, server, noise: { spread: 0.02, correlation: 0 } })?.outcome).toBe(
      'pass',
    )
  })
})

describe('drift over the rounds', () => {
  const quiet = { spread: 0.02, correlation: 0 }
  /** Rounds that vary by 2 %, and get slower by `change` from the first to the last. */
  const slowing = (rounds: number, change: number) => (round: number) =>
    (1 + change) ** ((round - 1) / (rounds - 1)) * (1 + 0.02 * Math.sin(round * 2.3))

  it('is found over 6 rounds', () => {
    const found = audit({ rounds: 6, noise: quiet, pace: slowing(6, 0.3) })
    expect(found).toMatchObject({ outcome: 'fail', found: 6 })
    expect(Number(found?.numbers['roundsChangePercent'])).toBeCloseTo(30, -1)
    expect(audit({ rounds: 6, noise: quiet, pace: slowing(6, 0) })?.outcome).toBe('pass')
  })

  it('is unchecked with 3 rounds of one config, but not with 3 rounds of three configs', () => {
    const given = { rounds: 3, noise: quiet, pace: slowing(3, 0) }
    const alone = audit(given)
    expect(alone?.outcome).toBe('unchecked')
    expect(Number(alone?.numbers['roundsDetectablePercent'])).toBeGreaterThan(25)
    const run = ['one', 'two', 'three'].map((config, index) =>
      trials({ ...given, config, seed: index + 1 }),
    )
    expect(drift(run[0]!, run)?.outcome).toBe('pass')
  })

  it('does not test the drift over rounds with one round, and cannot with two', () => {
    const ended = trials({ rounds: 2, noise: quiet, server: { ...short, windowMs: 30_000 } })
    expect(drift(ended, [ended])).toMatchObject({ outcome: 'unchecked' })
    expect(drift(ended.slice(0, 1), [ended.slice(0, 1)])).toMatchObject({ outcome: 'pass' })
  })
})
