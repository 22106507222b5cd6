import { describe, expect, it } from 'vitest'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import type { Objective } from '../../src/experiment/threshold.ts'
import { metrics } from '../../src/metrics/catalog.ts'
import type { Evidence } from '../../src/results/record.ts'
import { logHistogram } from '../../src/stats/log-histogram.ts'
import { experimentOf } from '../report/support/analysis.ts'
import { change, native, rounds, tuned, value, verdictOf } from './claims.ts'
import { simulateTrial, type Simulation } from './simulate.ts'
import { analysisOf } from './simulated-analysis.ts'

type Facts = Evidence['facts']

const record = (
  atMs: number,
  source: string,
  facts: Facts,
  missing?: Evidence['missing'],
): Evidence => ({
  type: 'evidence',
  atMs,
  when: 'during',
  source,
  facts,
  ...(missing === undefined ? {} : { missing }),
})
/** A reading each second, from before the window of a simulated trial, 500 to 20,500 ms, until after it. */
const eachSecond = (source: string, facts: (atMs: number) => Facts): readonly Evidence[] =>
  Array.from({ length: 23 }, (_, second) => second * 1000).map((atMs) =>
    record(atMs, source, facts(atMs)),
  )
const onCpu = record(0, '/api/ps', { vramBytes: 0, loadedSizeBytes: 6e9 })
const onGpu = record(0, '/api/ps', { vramBytes: 6e9, loadedSizeBytes: 6e9 })
const split = record(0, '/api/ps', { vramBytes: 3e9, loadedSizeBytes: 6e9 })

const figuresOf = (
  evidence: readonly Evidence[],
  simulation: Simulation = {},
  objectives: readonly Objective[] = [],
) => summariseTrial(simulateTrial({ noise: 0, ...simulation, evidence }), objectives).figures

describe('peak memory', () => {
  it('is the largest reading from the first measured send on, in GB of 10⁹ bytes', () => {
    const resident = (atMs: number) => (atMs < 500 ? 9e9 : atMs === 7000 ? 5.25e9 : 5e9)
    const evidence = eachSecond('/proc', (atMs) => ({ residentBytes: resident(atMs) }))
    expect(figuresOf(evidence).get('peakMemory')).toEqual({ value: 5.25, n: 22, source: '/proc' })
  })

  it('is absent with the reason that the record gives', () => {
    const reason = 'the server may run on another machine'
    expect(figuresOf([record(0, 'host', {}, { residentBytes: reason })]).get('peakMemory')).toEqual(
      { absence: { code: 'not-sampled', reason }, n: 0 },
    )
    const before = record(0, '/proc', { residentBytes: 5e9 })
    expect(figuresOf([before]).get('peakMemory')?.absence).toEqual({ code: 'few-samples' })
    // a record of an earlier version
    expect(figuresOf([]).get('peakMemory')?.absence).toEqual({ code: 'no-evidence' })
  })
})

describe('peak VRAM', () => {
  const listed = (bytes: number) =>
    eachSecond('nvidia-smi', (atMs) => ({ gpuMemoryBytes: atMs === 3000 ? bytes : bytes / 2 }))

  it('is what the tool of the GPU lists for the server', () => {
    expect(figuresOf([onGpu, ...listed(4e9)]).get('peakVram')).toMatchObject({
      value: 4,
      source: 'nvidia-smi',
    })
  })

  it('is what Ollama reserves if there is no such tool, or if it lists no process', () => {
    const expected = { value: 6, n: 1, source: '/api/ps' }
    expect(figuresOf([onGpu]).get('peakVram')).toEqual(expected)
    expect(figuresOf([onGpu, ...listed(0)]).get('peakVram')).toEqual(expected)
  })

  it('is 0 on a CPU, and absent if no source reports it', () => {
    expect(figuresOf([onCpu, ...listed(0)]).get('peakVram')?.value).toBe(0)
    expect(figuresOf([]).get('peakVram')?.absence).toEqual({ code: 'no-evidence' })
  })
})

describe('energy per token', () => {
  /** Without noise, each of three users gets 14 tokens in each 202 ms. */
  const tokensPerSecond = () => figuresOf([]).get('throughput')?.value ?? NaN
  // 50 W, and 10 W from a second after the window on, which does not count
  const joules = (atMs: number) => Math.min(atMs, 21_000) / 20 + Math.max(0, atMs - 21_000) / 100
  const processor = eachSecond('/sys/class/powercap', (atMs) => ({ packageJoules: joules(atMs) }))
  const gpu = eachSecond('nvidia-smi', () => ({ gpuWatts: 200 }))
  const energy = (...evidence: readonly Evidence[]) =>
    figuresOf(evidence).get('energyPerToken') ?? { n: NaN }

  it('is the energy of the processor inside the window divided by the output tokens', () => {
    const { value: perToken = NaN, source, n } = energy(onCpu, ...processor)
    expect(perToken * tokensPerSecond()).toBeCloseTo(50, 6)
    expect([source, n]).toEqual(['/sys/class/powercap', 20])
  })

  it('includes the GPUs, whose power is integrated over the window', () => {
    const { value: perToken = NaN, source } = energy(split, ...processor, ...gpu)
    expect(perToken * tokensPerSecond()).toBeCloseTo(250, 6)
    expect(source).toBe('/sys/class/powercap + nvidia-smi')
    const rising = eachSecond('nvidia-smi', (atMs) => ({ gpuWatts: atMs / 100 }))
    const alone = energy(onGpu, ...rising)
    // from 5 W to 205 W
    expect((alone.value ?? NaN) * tokensPerSecond()).toBeCloseTo(105, 6)
    expect(alone.source).toBe('nvidia-smi')
  })

  it('is that of the whole chip on a Mac', () => {
    const chip = eachSecond('powermetrics', () => ({ processorWatts: 30 }))
    expect((energy(onGpu, ...chip).value ?? NaN) * tokensPerSecond()).toBeCloseTo(30, 6)
  })

  it('is absent unless the power of everything that computes is known', () => {
    expect(energy(onGpu, ...processor).absence).toEqual({ code: 'gpu-power-unknown' })
    expect(energy(split, ...processor).absence).toEqual({ code: 'gpu-power-unknown' })
    const reason = 'only root may read the energy counters of the processor'
    const forbidden = record(0, '/sys/class/powercap', {}, { packageJoules: reason })
    expect(energy(onCpu, forbidden, ...gpu).absence).toEqual({ code: 'not-sampled', reason })
    expect(energy(onGpu, forbidden, ...gpu).value).toBeGreaterThan(0)
    expect(energy(split, forbidden, ...gpu).absence).toEqual({ code: 'not-sampled', reason })
    expect(energy(onCpu).absence).toEqual({ code: 'no-evidence' })
  })

  it('is absent if readings are too few, too far apart, or do not cover the window', () => {
    const few = { code: 'few-samples' }
    const except = (leaveOut: (atMs: number) => boolean) =>
      energy(onCpu, ...processor.filter(({ atMs }) => !leaveOut(atMs))).absence
    expect(except((atMs) => atMs > 1000 && atMs < 20_000)).toEqual(few)
    expect(except((atMs) => atMs > 8000 && atMs < 14_000)).toEqual(few)
    expect(except((atMs) => atMs > 12_000)).toEqual(few)
    expect(except((atMs) => atMs < 1000)).toEqual(few)
    expect(except((atMs) => atMs === 8000)).toBeUndefined()
  })

  it('is absent for the same reason as the throughput', () => {
    const failing = { alter: (request: object) => ({ ...request, outcome: 'timeout' }) as never }
    const figures = figuresOf([onCpu, ...processor], failing)
    expect(figures.get('energyPerToken')?.absence?.code).toBe('none-ok')
  })
})

describe('readings', () => {
  it('are left out of the summary of a trial, which keeps all other evidence', () => {
    const samples = eachSecond('/proc', () => ({ residentBytes: 1e9 }))
    const refused = record(0, 'host', {}, { packageJoules: 'why' })
    const { evidence } = summariseTrial(simulateTrial({ evidence: [onGpu, refused, ...samples] }))
    expect(evidence).toEqual([onGpu])
  })

  it('of different sources are not compared', () => {
    const withMemory = (source: string, bytes: number) => (round: number) => ({
      evidence: eachSecond(source, () => ({ residentBytes: bytes * (1 + round / 1000) })),
    })
    const trials = {
      native: rounds('native', 6, withMemory('/proc', 5e9)),
      tuned: rounds('tuned', 6, withMemory('docker stats', 2e9)),
    }
    const { comparisons } = analysisOf(experimentOf([native, tuned], { rounds: 6 }), trials)
    const obstacle = { code: 'sources', from: '/proc', to: 'docker stats' }
    expect(comparisons[0]?.changes.get('peakMemory')).toMatchObject({ mark: 'unknown', obstacle })
    const claim = change('<=', -30, 'peakMemory')
    expect(verdictOf({ claim, ...trials })).toMatchObject({ code: 'none', reason: obstacle })
    const same = { ...trials, tuned: rounds('tuned', 6, withMemory('/proc', 2e9)) }
    expect(verdictOf({ claim, ...same })).toMatchObject({ code: 'supported', weaknesses: [] })
  })
})

describe('a maximum', () => {
  it.each(['latencyMax', 'longestGap'])('never decides a claim with certainty: %s', (metric) => {
    const trial =
      (pace: number) =>
      (round: number): Simulation => ({
        pace: pace * (1 + 0.01 * Math.sin(round * 2.3)),
        alter: (request) => ({ ...request, longestGapMs: request.evalMs ?? 0 }),
      })
    const trials = { native: rounds('native', 6, trial(2)), tuned: rounds('tuned', 6, trial(1)) }
    expect(verdictOf({ claim: change('<=', -30, metric), ...trials })).toMatchObject({
      code: 'indicated-for',
      weaknesses: [{ code: 'maximum' }],
    })
    const far = { ...value('<=', 10), metric }
    expect(verdictOf({ claim: far, ...trials }).code).toBe('indicated-against')
  })
})

describe('every metric of the catalogue', () => {
  const evidence = [
    split,
    ...eachSecond('/proc', () => ({ residentBytes: 1e9 })),
    ...eachSecond('/sys/class/powercap', (atMs) => ({ packageJoules: atMs / 20 })),
    ...eachSecond('nvidia-smi', () => ({ gpuWatts: 200, gpuMemoryBytes: 2e9 })),
  ]
  const alter: Simulation['alter'] = (request) => ({
    ...request,
    longestGapMs: 30,
    tokenGaps: logHistogram([20, 21, 22, 23, 24, 25]),
    scheduledMs: request.sentMs,
  })
  const objective: Objective = {
    metric: 'latencyP95',
    threshold: { comparator: '<=', value: 1e6, text: '<= 1000s' },
  }
  const closed = figuresOf(evidence, { alter }, [objective])
  const open = figuresOf(evidence, { alter, ratePerSecond: 12 }, [objective])

  // Capacities belong to a config with several levels of a load, not to a trial. Figures of embeddings and of a mix of
  // models have tests of their own.
  const ofTrials = metrics.filter(
    ({ id, family, appliesTo }) =>
      appliesTo !== 'recorded' &&
      appliesTo !== 'levels' &&
      family !== 'models' &&
      id !== 'inputRate',
  )
  it.each(ofTrials)('has a figure in a trial of its load: $id', ({ id, appliesTo }) => {
    if (appliesTo !== 'open') expect(closed.get(id)?.value).toBeGreaterThanOrEqual(0)
    if (appliesTo !== 'closed') expect(open.get(id)?.value).toBeGreaterThanOrEqual(0)
  })
})
