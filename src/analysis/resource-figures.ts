/**
 * The memory and energy figures of one trial. Input: the evidence of the trial, which holds readings taken each second
 * while the load ran, and the trial's window. A reading has the time at which it was stored, on the trial's clock.
 */
import type { FactId } from '../results/facts.ts'
import type { Evidence } from '../results/record.ts'
import type { Absence } from './figure.ts'
import type { TrialFigure } from './trial-summary.ts'
import type { TrialWindow } from './trial-window.ts'

type EvidenceRecords = readonly Evidence[]

interface Reading {
  readonly atMs: number
  readonly value: number
  readonly source: string
}

function readingsOf(evidence: EvidenceRecords, id: FactId): readonly Reading[] {
  return evidence.flatMap(({ atMs, source, facts }) => {
    const value = facts[id]
    return typeof value === 'number' ? [{ atMs, value, source }] : []
  })
}

const bytesInGb = 1e9

export function peakMemory(evidence: EvidenceRecords, window: TrialWindow): TrialFigure {
  const sampled = peakSince(window.firstSentMs, readingsOf(evidence, 'residentBytes'))
  return sampled ?? { absence: absenceOf(evidence, 'residentBytes'), n: 0 }
}

/**
 * Prefers the memory that a tool of the GPU lists for the server's processes. If the tool lists none of them, it may
 * not be allowed to see them, and `/api/ps` is used instead.
 */
export function peakVram(evidence: EvidenceRecords, window: TrialWindow): TrialFigure {
  const sampled = peakSince(window.firstSentMs, readingsOf(evidence, 'gpuMemoryBytes'))
  if (sampled !== undefined && (sampled.value ?? 0) > 0) return sampled
  const listed = peakSince(0, readingsOf(evidence, 'vramBytes'))
  return listed ?? sampled ?? { absence: absenceOf(evidence, 'gpuMemoryBytes'), n: 0 }
}

/** The largest reading in GB; undefined without readings from then on. */
function peakSince(fromMs: number, readings: readonly Reading[]): TrialFigure | undefined {
  const since = readings.filter(({ atMs }) => atMs >= fromMs)
  const [first] = since
  if (first === undefined) return undefined
  const value = Math.max(...since.map((each) => each.value)) / bytesInGb
  return { value, n: since.length, source: first.source }
}

/**
 * The reason for too few readings or none: `few-samples`, or the reason that the record gives for one of these facts.
 */
function absenceOf(evidence: EvidenceRecords, ...ids: readonly FactId[]): Absence {
  for (const id of ids) {
    if (readingsOf(evidence, id).length > 0) return { code: 'few-samples' }
    const [reason] = evidence.flatMap(({ missing }) => missing?.[id] ?? [])
    if (reason !== undefined) return { code: 'not-sampled', reason }
  }
  return { code: 'no-evidence' }
}

/** @param requests number of requests of the trial */
export function gpuShare(evidence: EvidenceRecords, requests: number): TrialFigure {
  const value = loadedShare(evidence)
  if (value === undefined) return { absence: { code: 'no-evidence' }, n: requests }
  // `ollama ps` then prints `Unknown`
  if (value > 100) return { absence: { code: 'above-size' }, n: requests }
  return { value, n: requests }
}

/**
 * The part of the model that is in GPU memory, in percent, according to `/api/ps`. More than 100 if the server
 * contradicts itself.
 */
function loadedShare(evidence: EvidenceRecords): number | undefined {
  const seen = evidence.findLast(
    ({ facts }) => typeof facts.vramBytes === 'number' && Number(facts.loadedSizeBytes) > 0,
  )
  return seen && (Number(seen.facts.vramBytes) / Number(seen.facts.loadedSizeBytes)) * 100
}

/**
 * The mean power over the window divided by the throughput. Absent unless the power of everything that computes is
 * known: of the processor if a part of the model is in its memory, of the GPUs if a part is in theirs.
 */
export function energyPerToken(
  evidence: EvidenceRecords,
  window: TrialWindow,
  throughput: TrialFigure,
): TrialFigure {
  const tokensPerSecond = throughput.value
  if (tokensPerSecond === undefined) return throughput
  const power = totalPower(evidence, window)
  if ('absence' in power) return power
  const { watts, n, source } = power
  return { value: watts / tokensPerSecond, n, source }
}

interface Power {
  readonly watts: number
  /** Number of readings inside the window. */
  readonly n: number
  readonly source: string
}

function totalPower(
  evidence: EvidenceRecords,
  window: TrialWindow,
): Power | { readonly absence: Absence; readonly n: number } {
  const [whole, gpu] = (['processorWatts', 'gpuWatts'] as const).map((id) =>
    meanPower(energyOf(readingsOf(evidence, id)), window),
  )
  if (whole !== undefined) return whole
  const processor = meanPower(readingsOf(evidence, 'packageJoules'), window)
  const share = loadedShare(evidence)
  if (processor === undefined && (share !== 100 || gpu === undefined))
    return { absence: absenceOf(evidence, 'packageJoules', 'processorWatts', 'gpuWatts'), n: 0 }
  if (gpu === undefined && share !== 0) {
    const absence = absenceOf(evidence, 'gpuWatts')
    return {
      absence: absence.code === 'few-samples' ? absence : { code: 'gpu-power-unknown' },
      n: 0,
    }
  }
  const known = [processor, gpu].filter((power) => power !== undefined)
  return {
    watts: known.reduce((sum, { watts }) => sum + watts, 0),
    n: Math.min(...known.map(({ n }) => n)),
    source: known.map(({ source }) => source).join(' + '),
  }
}

/**
 * The energy in joules since the first reading, from readings of the power in watts. Between two readings, the power is
 * interpolated.
 */
function energyOf(powers: readonly Reading[]): readonly Reading[] {
  let joules = 0
  return powers.map((reading, index) => {
    const before = powers[index - 1] ?? reading
    joules += (((before.value + reading.value) / 2) * (reading.atMs - before.atMs)) / 1000
    return { ...reading, value: joules }
  })
}

/** With fewer readings inside the window, the power at its edges is not known well enough. */
const minReadings = 3
/** If two readings are farther apart, the power between them is unknown. */
const maxGapMs = 5_000

/**
 * The mean power over the window.
 * @param energies readings of a growing energy, in joules
 * @returns undefined if the readings do not cover the window
 */
function meanPower(
  energies: readonly Reading[],
  { openMs, closeMs }: TrialWindow,
): Power | undefined {
  const inside = energies.filter(({ atMs }) => atMs >= openMs && atMs <= closeMs)
  const [first] = inside
  if (first === undefined || inside.length < minReadings) return undefined
  const before = energies.findLast(({ atMs }) => atMs < openMs) ?? first
  const after = energies.find(({ atMs }) => atMs > closeMs) ?? inside.at(-1) ?? first
  const covering = [before, ...inside, after]
  const hasGap = covering.some(
    ({ atMs }, index) => atMs - (covering[index - 1]?.atMs ?? atMs) > maxGapMs,
  )
  if (hasGap || before.atMs > openMs || after.atMs < closeMs) return undefined
  const used = energyAt(closeMs, covering) - energyAt(openMs, covering)
  return {
    watts: (used / (closeMs - openMs)) * 1000,
    n: inside.length,
    source: first.source,
  }
}

/** The energy at a time between two readings, by linear interpolation. */
function energyAt(atMs: number, energies: readonly Reading[]): number {
  const next = energies.find((each) => each.atMs >= atMs)
  const last = energies.findLast((each) => each.atMs <= atMs)
  if (next === undefined || last === undefined) return NaN
  const spanMs = next.atMs - last.atMs
  return spanMs <= 0
    ? last.value
    : last.value + ((next.value - last.value) * (atMs - last.atMs)) / spanMs
}
