import { describe, expect, it } from 'vitest'
import type { Audit, AuditId } from '../../src/analysis/audits/audit.ts'
import { voidingAudit } from '../../src/analysis/audits/config-audits.ts'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import { metricById } from '../../src/metrics/catalog.ts'
import type { Evidence, RequestRecord, TrialHeader } from '../../src/results/record.ts'
import { combined, waitsForLoad } from '../diagnosis/support/request-changes.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { analysisOf, configOf, roundsOf } from './simulated-analysis.ts'
import { simulateTrial, type Simulation } from './simulate.ts'

function auditOf(id: AuditId, simulation: Simulation): Audit | undefined {
  return summariseTrial(simulateTrial(simulation)).audits.find((audit) => audit.id === id)
}
const workload = (rest: object): Partial<TrialHeader> => ({ workload: { cache: 'cold', ...rest } })

/** Settings that the server reads and reports. */
function readSettings(slots: number): Simulation {
  const [env, options] = [{ OLLAMA_NUM_PARALLEL: String(slots) }, { num_ctx: 4096 }]
  const facts = { serverConfig: JSON.stringify(env), contextLength: 4096 }
  return {
    header: { settings: { env, options } },
    evidence: [{ type: 'evidence', atMs: 0, source: 'server log', when: 'before', facts }],
  }
}

describe('the audits of a healthy trial', () => {
  it('pass in a thousand simulations', () => {
    const found = new Map<string, number>()
    for (let seed = 1; seed <= 1000; seed++) {
      const users = 1 + (seed % 8)
      const { audits } = summariseTrial(
        simulateTrial({
          seed,
          users,
          slots: 1 + (seed % 5),
          noise: 0.05 + (seed % 4) / 10,
          samples: 7,
          ...readSettings(1 + (seed % 5)),
        }),
      )
      for (const { id, outcome } of audits)
        // the number of requests in the window says nothing about health
        if (outcome !== 'pass' && id !== 'sampleSize') found.set(id, (found.get(id) ?? 0) + 1)
    }
    expect([...found.keys()]).toEqual([])
  })

  it('include each audit that applies, and none if the trial failed', () => {
    const { audits } = summariseTrial(simulateTrial())
    expect(audits.map(({ id }) => id)).toEqual([
      'littlesLaw',
      'counts',
      'timeBudget',
      'clientBound',
      'coldStart',
      'cache',
      'sampleSize',
      'effectiveSettings',
    ])
    expect(summariseTrial(simulateTrial({ end: { outcome: 'failed' } })).audits).toEqual([])
  })
})

describe('littlesLaw', () => {
  it('counts failed requests as in flight, and ends at the last send if the load is a number of requests', () => {
    const alter = (request: RequestRecord): RequestRecord =>
      request.index % 5 === 0 ? { ...request, outcome: 'timeout' } : request
    for (const load of [{}, { requests: 40 }, { slots: 1 }, { slots: 1, requests: 40 }]) {
      const audit = auditOf('littlesLaw', { alter, ...load })
      expect(audit?.outcome).toBe('pass')
      expect(audit?.numbers['inFlight']).toBeCloseTo(3, 1)
    }
  })

  it('fails if users are idle', () => {
    const audit = auditOf('littlesLaw', {
      header: workload({ load: { kind: 'closed-duration', users: 4 } }),
    })
    expect(audit).toMatchObject({ outcome: 'fail', numbers: { users: 4 } })
    expect(audit?.numbers['inFlight']).toBeCloseTo(3, 1)
  })

  it.each(['constant', 'exponential'] as const)(
    'counts users in a %s pause, and fails if users are also idle',
    (distribution) => {
      const pause = { meanMs: 400, distribution }
      for (let seed = 1; seed <= 50; seed++)
        for (const load of [{}, { requests: 100 }, { slots: 1 }]) {
          const audit = auditOf('littlesLaw', { seed, users: 4, pause, ...load })
          expect(audit?.outcome).toBe('pass')
          const { inFlight, pausing } = audit?.numbers ?? {}
          expect(Number(inFlight) + Number(pausing)).toBeCloseTo(4, 1)
        }
      const numbers = { users: 4 }
      expect(auditOf('littlesLaw', { users: 4, pause, betweenMs: 60 })).toMatchObject({
        outcome: 'fail',
        numbers,
      })
    },
  )

  it('is not checked if the window is shorter than the mean latency, as with one request per user', () => {
    expect(auditOf('littlesLaw', { requests: 3 })?.outcome).toBe('unchecked')
  })

  it('ignores idle users after the last send if the load is a number of requests', () => {
    const header = workload({ load: { kind: 'closed-requests', users: 3, requests: 30 } })
    expect(auditOf('littlesLaw', { windowMs: 2000, header })?.outcome).toBe('pass')
  })
})

describe('turnaround', () => {
  const short = { prefillMs: 2, decodeMs: 5, windowMs: 2000 }

  it('fails if the load generator takes a large share of the time of short requests; littlesLaw then does not report it', () => {
    const slow = { ...short, betweenMs: 0.8 }
    expect(auditOf('turnaround', slow)).toMatchObject({ outcome: 'fail' })
    expect(auditOf('littlesLaw', slow)?.outcome).toBe('pass')
    expect(auditOf('turnaround', { ...short, betweenMs: 0.1 })?.outcome).toBe('pass')
  })

  it('voids verdicts on rates, but not on latencies', () => {
    const experiment = experimentOf([measuredConfig('native')], { rounds: 3 })
    const trials = roundsOf('native', 3, () => ({ ...short, betweenMs: 0.8 }))
    const config = configOf(analysisOf(experiment, { native: trials }), 'native')
    expect(voidingAudit(metricById('qps')!, config)).toBe('turnaround')
    expect(voidingAudit(metricById('latencyP95')!, config)).toBeUndefined()
  })

  it('leaves longer delays to littlesLaw, and does not apply to longer requests and to pauses that are part of the plan', () => {
    expect(auditOf('littlesLaw', { ...short, betweenMs: 3 })?.outcome).toBe('fail')
    expect(auditOf('turnaround', { betweenMs: 0.8 })).toBeUndefined()
    const pause = { meanMs: 50, distribution: 'constant' } as const
    expect(auditOf('turnaround', { ...short, betweenMs: 0.8, pause })?.outcome).toBe('pass')
  })
})

describe('counts', () => {
  it('fails if a record is missing', () => {
    const counts = { sent: 500, ok: 500, failed: 0, cancelled: 0 }
    expect(auditOf('counts', { end: { counts } })).toMatchObject({
      outcome: 'fail',
      numbers: { sent: 500 },
    })
  })

  it('fails if a planned request was not sent', () => {
    const { end } = simulateTrial()
    const counts = { ...end!.counts, planned: end!.counts.sent + 1 }
    expect(auditOf('counts', { end: { counts } })?.outcome).toBe('fail')
  })
})

describe('timeBudget', () => {
  it('fails for a single impossible request and reports its excess', () => {
    const audit = auditOf('timeBudget', {
      alter: (request) => (request.index === 5 ? { ...request, evalMs: 5000 } : request),
    })
    expect(audit).toMatchObject({ outcome: 'fail', numbers: { violations: 1 } })
    expect(audit?.numbers['worstExcessMs']).toBeGreaterThan(4000)
  })

  it('is unchecked if the server gives no times', () => {
    const alter: Simulation['alter'] = ({ index, sample, user, phase, sentMs, endMs, outcome }) => {
      return { type: 'request', index, sample, user, phase, sentMs, endMs, outcome }
    }
    expect(auditOf('timeBudget', { alter })?.outcome).toBe('unchecked')
  })
})

describe('achievedLoad', () => {
  const header = workload({ load: { kind: 'open', ratePerSecond: 15 } })
  it('passes on schedule, fails if requests are late, and does not apply to closed loops', () => {
    const late = (ms: number): Simulation => ({
      header,
      alter: (request) => ({ ...request, scheduledMs: Math.max(0, request.sentMs - ms) }),
    })
    expect(auditOf('achievedLoad', late(1))?.outcome).toBe('pass')
    expect(auditOf('achievedLoad', late(8))).toMatchObject({
      outcome: 'fail',
      numbers: { dropped: 0 },
    })
    expect(auditOf('achievedLoad', {})).toBeUndefined()
    const { end } = simulateTrial({ header })
    const counts = { ...end!.counts, planned: end!.counts.sent + 2 }
    expect(auditOf('achievedLoad', { ...late(1), end: { counts } })).toMatchObject({
      outcome: 'fail',
      numbers: { dropped: 2 },
    })
  })
})

describe('clientBound', () => {
  const client = (loopDelayP99Ms: number) => ({
    end: { client: { loopDelayP99Ms, loopDelayIdleP99Ms: 1.1, cpuMs: 1 } },
  })
  it('allows 5 ms above idle and 5 % of the median latency', () => {
    expect(auditOf('clientBound', client(6))?.outcome).toBe('pass')
    expect(auditOf('clientBound', client(6.2))?.outcome).toBe('fail')
    expect(auditOf('clientBound', { ...client(3), prefillMs: 4, decodeMs: 10 })?.outcome).toBe(
      'fail',
    )
  })
})

describe('coldStart', () => {
  it('fails if a request waited for the model', () => {
    const alter: Simulation['alter'] = (request) =>
      request.index === 0 ? { ...request, loadMs: 1500 } : request
    expect(auditOf('coldStart', { alter })).toMatchObject({
      outcome: 'fail',
      numbers: { longestLoadMs: 1500, coldLoads: 1 },
    })
  })

  it('finds a load of 0.9 s that makes latency 20 % longer', () => {
    const alter = waitsForLoad(900, ({ index }) => index < 3)
    const short = { windowMs: 4000 }
    const latency = (simulation: Simulation) =>
      summariseTrial(simulateTrial(simulation)).figures.get('latencyMean')?.value ?? NaN
    expect(latency({ ...short, alter }) / latency(short)).toBeGreaterThan(1.2)
    expect(auditOf('coldStart', { ...short, alter })).toMatchObject({
      outcome: 'fail',
      numbers: { coldLoads: 3 },
    })
  })

  it('judges loads against the others of the trial', () => {
    const busy = waitsForLoad(120, () => true)
    const alter = combined(
      busy,
      waitsForLoad(400, ({ index }) => index < 3),
    )
    expect(auditOf('coldStart', { alter })?.outcome).toBe('pass')
    expect(auditOf('coldStart', { alter: waitsForLoad(1200, () => true) })?.outcome).toBe('fail')
  })
})

describe('cache', () => {
  it('fails if prompts came from the cache', () => {
    expect(
      auditOf('cache', { alter: (request) => ({ ...request, cachedTokens: 60 }) })?.outcome,
    ).toBe('fail')
    expect(
      auditOf('cache', { alter: (request) => ({ ...request, cachedTokens: 4 }) })?.outcome,
    ).toBe('pass')
  })

  it('fails if prefill of repeated samples is much shorter', () => {
    const alter: Simulation['alter'] = (request) =>
      request.index < 40 ? request : { ...request, promptEvalMs: 2 }
    expect(auditOf('cache', { alter })?.outcome).toBe('fail')
  })

  it('does not apply to a cache that may be warm', () => {
    const header = { workload: { cache: 'warm', load: { kind: 'closed-duration', users: 3 } } }
    expect(auditOf('cache', { header })).toBeUndefined()
  })
})

describe('slowMachine', () => {
  const host = (...facts: readonly Evidence['facts'][]): Simulation => ({
    evidence: facts.map((each, index) => ({
      type: 'evidence',
      atMs: index,
      source: 'host',
      when: index === 0 ? 'before' : 'after',
      facts: each,
    })),
  })
  const audited = (...facts: readonly Evidence['facts'][]) => auditOf('slowMachine', host(...facts))

  it('fails for heat, also before the trial only, and for low-power mode', () => {
    expect(
      audited({ thermalState: 'heavy thermal pressure' }, { thermalState: 'nominal' }),
    ).toEqual({ id: 'slowMachine', outcome: 'fail', numbers: { heat: 'heavy thermal pressure' } })
    expect(audited({ powerMode: 'low' })?.outcome).toBe('fail')
    expect(audited({ memoryPressure: 'critical' })?.outcome).toBe('fail')
  })

  it('warns on battery and under some memory pressure', () => {
    expect(audited({ powerSource: 'battery', memoryPressure: 'warning' })).toEqual({
      id: 'slowMachine',
      outcome: 'warn',
      numbers: { battery: 'battery', memoryPressure: 'warning' },
    })
  })

  it('counts on Linux how often heat slowed a core during the trial, not since the start', () => {
    const state = (times: number, degrees = 50) => ({
      thermalState: `${degrees} °C, slowed for heat ${times} times since start`,
    })
    expect(audited(state(3), state(3, 90))).toBeUndefined()
    expect(audited(state(3), state(8))?.numbers).toEqual({ timesSlowed: 5 })
  })

  it('does not apply to a machine that reports neither heat nor power nor memory pressure', () => {
    expect(audited({ thermalState: 'nominal', powerSource: 'ac' })).toBeUndefined()
    expect(audited({})).toBeUndefined()
  })

  it('adds a doubt to latencies and speeds, and prevents no verdict', () => {
    const experiment = experimentOf([measuredConfig('native')], { rounds: 3 })
    const trials = roundsOf('native', 3, () => host({ powerMode: 'low' }))
    const config = configOf(analysisOf(experiment, { native: trials }), 'native')
    for (const id of ['latencyMean', 'decodeSpeed']) {
      expect(config.figures.get(id)?.doubts).toContainEqual({
        code: 'audit',
        details: { audit: 'slowMachine', outcome: 'fail', found: 3, checked: 3, lowPower: 'low' },
      })
      expect(voidingAudit(metricById(id)!, config)).toBeUndefined()
    }
  })
})

describe('sampleSize', () => {
  it('warns about each headline quantile with too few requests', () => {
    expect(auditOf('sampleSize', { windowMs: 2000 })).toMatchObject({
      outcome: 'warn',
      numbers: { missing: 'latencyP99' },
    })
    expect(auditOf('sampleSize', {})?.outcome).toBe('pass')
  })
})

describe('effectiveSettings', () => {
  const evidence = (facts: Evidence['facts']): Evidence[] => [
    { type: 'evidence', atMs: 0, source: 'server log', when: 'before', facts },
  ]
  const auditSettings = (env: Record<string, string>, config: Record<string, string>) =>
    auditOf('effectiveSettings', {
      header: { settings: { env, options: { num_ctx: 4096 } } },
      evidence: evidence({ serverConfig: JSON.stringify(config), contextLength: 4096 }),
    })
  it('warns about a variable that the server ignores and about one with another value', () => {
    expect(
      auditSettings(
        { OLLAMA_NUM_THREADS: '8', OLLAMA_NUM_PARALLEL: '4', OLLAMA_KEEP_ALIVE: '60s' },
        { OLLAMA_NUM_PARALLEL: '1', OLLAMA_KEEP_ALIVE: '1m0s' },
      ),
    ).toEqual({
      id: 'effectiveSettings',
      outcome: 'warn',
      numbers: { settings: 4, notRead: 'OLLAMA_NUM_THREADS', different: 'OLLAMA_NUM_PARALLEL' },
    })
  })

  it('accepts unlisted variables that go to the engine', () => {
    expect(auditSettings({ LLAMA_ARG_THREADS: '4' }, {})).toMatchObject({ outcome: 'pass' })
  })

  it.each([
    ['1', 'true'],
    ['"4"', '4'],
    ['90m', '1h30m0s'],
    ['0', 'false'],
    ['-1', '-1s'],
  ])('treats %s and %s as the same value', (one, other) => {
    expect(auditSettings({ OLLAMA_X: one }, { OLLAMA_X: other })?.outcome).toBe('pass')
  })

  it('compares options with the values that evidence shows', () => {
    const audit = auditOf('effectiveSettings', {
      header: { settings: { env: {}, options: { num_ctx: 8192 } } },
      evidence: evidence({ contextLength: 4096 }),
    })
    expect(audit?.numbers['different']).toBe('num_ctx')
  })

  it('trusts facts about the engine more than the list of the server', () => {
    const server = {
      contextTotal: 8192,
      slots: 1,
      flashAttention: 'off',
      kvCacheType: 'f16',
      serverConfig: JSON.stringify({
        OLLAMA_CONTEXT_LENGTH: '16384',
        OLLAMA_FLASH_ATTENTION: 'true',
        OLLAMA_KV_CACHE_TYPE: 'q8_0',
        OLLAMA_KEEP_ALIVE: '2562047h47m16.854775807s',
        OLLAMA_DEBUG: 'DEBUG',
        OLLAMA_NUM_PARALLEL: '1',
      }),
    }
    const env = {
      OLLAMA_CONTEXT_LENGTH: '16384',
      OLLAMA_FLASH_ATTENTION: '1',
      OLLAMA_KV_CACHE_TYPE: 'q8_0',
      OLLAMA_KEEP_ALIVE: '-1',
      OLLAMA_DEBUG: '1',
      OLLAMA_NUM_PARALLEL: '1',
    }
    const audit = auditOf('effectiveSettings', {
      header: { settings: { env, options: {} } },
      evidence: [...evidence(server), ...evidence({ contextLength: 16_384 })],
    })
    expect(audit).toEqual({
      id: 'effectiveSettings',
      outcome: 'warn',
      numbers: {
        settings: 6,
        different: 'OLLAMA_CONTEXT_LENGTH, OLLAMA_FLASH_ATTENTION, OLLAMA_KV_CACHE_TYPE',
      },
    })
  })

  it('is unchecked if a variable is not known to be in effect', () => {
    const header = { settings: { env: { OLLAMA_MAX_QUEUE: '4' }, options: { num_ctx: 4096 } } }
    const known = evidence({ contextLength: 4096 })
    expect(auditOf('effectiveSettings', { header, evidence: known })?.outcome).toBe('unchecked')
    const flash = { settings: { env: { OLLAMA_FLASH_ATTENTION: '1' }, options: {} } }
    const listed = evidence({ serverConfig: JSON.stringify({ OLLAMA_FLASH_ATTENTION: 'true' }) })
    expect(auditOf('effectiveSettings', { header: flash, evidence: listed })?.outcome).toBe(
      'unchecked',
    )
  })

  it('is unchecked without evidence', () => {
    const header = { settings: { env: { OLLAMA_NUM_PARALLEL: '4' }, options: {} } }
    expect(auditOf('effectiveSettings', { header })?.outcome).toBe('unchecked')
  })
})
