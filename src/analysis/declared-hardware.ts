/** Compares the hardware and the size of the model that an experiment file declares with what was detected. */
import type { Experiment } from '../experiment/experiment.ts'
import type { FactId } from '../results/facts.ts'
import type { ConfigAnalysis } from './analysis.ts'

type Hardware = Experiment['hardware']

/**
 * True if the declared maker, chip, number of cores or memory cannot be that of the detected machine. A value
 * that is not declared or not detected is not compared.
 */
export function contradictsMachine(
  hardware: Hardware,
  { facts }: Pick<ConfigAnalysis, 'facts'>,
): boolean {
  const detected = (id: FactId) => facts.get(id)?.values ?? []
  const numbers = (id: FactId) => detected(id).filter((value) => typeof value === 'number')
  const declared = `${hardware['device'] ?? ''} ${hardware['cpu'] ?? ''}`
  return (
    detected('cpuModel').some((model) => isOtherProcessor(declared, String(model))) ||
    differ(coresOf(hardware), coreCounts(numbers), 0) ||
    differ(bytesOf(hardware), numbers('memoryBytes'), memoryTolerance)
  )
}

/** Makers of processors, by the words that name them or their products. */
const makers: Readonly<Record<string, RegExp>> = {
  apple: /\bapple\b|\bM[1-9]\b/i,
  intel: /\bintel\b|\bxeon\b|\bcore (?:i[3579]|ultra)\b|\bi[3579]-\d/i,
  amd: /\bamd\b|\bepyc\b|\bryzen\b|\bthreadripper\b/i,
  arm: /\bgraviton|\bneoverse\b|\bampere\b|\bcortex\b|\bsnapdragon\b|\braspberry\b/i,
}
const macNames = /\bmac ?book|\bimac\b|\bmac (?:mini|studio|pro)\b/i

function isOtherProcessor(declared: string, model: string): boolean {
  const [named, found] = [makersIn(declared), makersIn(model)]
  // Macs have processors of two makers.
  const possible = named.length === 0 && macNames.test(declared) ? ['apple', 'intel'] : named
  if (possible.length === 0 || found.length === 0) return false
  if (!found.some((maker) => possible.includes(maker))) return true
  const [chip, foundChip] = [appleChip(declared), appleChip(model)]
  return chip !== undefined && foundChip !== undefined && !foundChip.startsWith(chip)
}

function makersIn(text: string): readonly string[] {
  return Object.entries(makers).flatMap(([maker, words]) => (words.test(text) ? [maker] : []))
}

/** `m1 pro`. */
function appleChip(text: string): string | undefined {
  return /\bM[1-9](?: (?:Pro|Max|Ultra))?\b/i.exec(text)?.[0].toLowerCase()
}

/** The declared number of cores: `8`, `8核`, `8-core`, `8 cores`. */
function coresOf({ cpu = '', device = '' }: Hardware): number | undefined {
  const [, count] =
    /(\d+)(?: ?核|[ -]?cores?\b)/i.exec(`${cpu} ${device}`) ?? /^(\d+)$/.exec(cpu) ?? []
  return count === undefined ? undefined : Number(count)
}

/** The numbers of cores that a person may declare: logical cores, or physical cores with two threads each. */
function coreCounts(numbers: (id: FactId) => readonly number[]): readonly number[] {
  return numbers('cpuCount').flatMap((count) => [count, count / 2])
}

/** True if a model's file cannot have the declared size, in decimal or binary units: `522MB`, `4.7 GB`. */
export function contradictsSize(declared: string, actualBytes: number): boolean {
  const [, count, unit = ''] = sizeForm.exec(declared) ?? []
  const power = ['', 'k', 'm', 'g', 't'].indexOf(unit.toLowerCase())
  if (count === undefined || power < 1) return false
  const [low, high] = [1000, 1024].map((base) => Number(count) * base ** power)
  const isBelow = actualBytes < (low ?? 0) * (1 - sizeTolerance)
  return isBelow || actualBytes > (high ?? 0) * (1 + sizeTolerance)
}

const sizeForm = /(\d+(?:\.\d+)?) ?([KMGT])i?B?\b/i
/** People round sizes, and a model may have more parts than its file. */
const sizeTolerance = 0.1

/** Firmware and graphics take a part of the memory, and a GB may be 1000 or 1024 MB. */
const memoryTolerance = 0.25

const unitBytes: Readonly<Record<string, number>> = { m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

function bytesOf({ memory = '' }: Hardware): number | undefined {
  const [, count, unit = ''] = /(\d+(?:\.\d+)?) ?([MGT])i?B?\b/i.exec(memory) ?? []
  const size = unitBytes[unit.toLowerCase()]
  return count === undefined || size === undefined ? undefined : Number(count) * size
}

/** True if the declared value differs from every detected one by more than the tolerance. */
function differ(
  declared: number | undefined,
  detected: readonly number[],
  tolerance: number,
): boolean {
  if (declared === undefined || detected.length === 0) return false
  return !detected.some((value) => Math.abs(value / declared - 1) <= tolerance)
}
