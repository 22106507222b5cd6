/**
 * Helpers for rules about computing: the compute device, the parts of the latency that slow computing accounts for, and
 * the wait of users who share a slot.
 */
import { isDeepStrictEqual } from 'node:util'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { documentSource } from '../analysis/trial-facts.ts'
import { isSameTarget } from '../experiment/target-kinds.ts'
import {
  computeOf,
  figureOf,
  keyOf,
  numberOf,
  slotsOf,
  targetOf,
  textOf,
  threadsOf,
  usersOf,
} from './config-facts.ts'
import { hasReference, type Found, type RuleInput } from './rule.ts'
import {
  speed,
  sharedStatement,
  config,
  count,
  literal,
  percent,
  type Statement,
} from './statement.ts'

/**
 * The compute device. Sources: the server's log, the number of layers on the GPU, `/api/ps`, or a document.
 */
export interface Device {
  readonly kind: 'cpu' | 'gpu' | 'partial'
  /** Percent of the model on the GPU, by layers or by memory; absent if only the device's name is known. */
  readonly gpuShare?: number
  readonly evidence: readonly Statement[]
}

/**
 * The compute device, or `undefined` without evidence. Prefers the log to `/api/ps`, which reports "all on the GPU"
 * even if it does not know. Such a report does not count if the log names fewer layers.
 */
export function deviceOf(side: ConfigAnalysis): Device | undefined {
  const key = config(keyOf(side))
  const name = textOf(side, 'computeDevice')
  const [vram, size] = [numberOf(side, 'vramBytes'), numberOf(side, 'loadedSizeBytes')]
  const [gpuLayers, allLayers] = [numberOf(side, 'layersOffloaded'), numberOf(side, 'layersTotal')]
  const evidence: Statement[] = []
  if (name !== undefined)
    evidence.push(
      sharedStatement(name === 'CPU' && isInLog(side) ? 'device.cpu' : 'device.gpu', {
        config: key,
        device: literal(name),
      }),
    )
  if (gpuLayers !== undefined && allLayers !== undefined)
    evidence.push(
      sharedStatement('device.layers', {
        config: key,
        layers: count(gpuLayers),
        total: count(allLayers),
      }),
    )
  const shareByLayers = shareOf(gpuLayers, allLayers)
  const shareByMemory = shareOf(vram, size) ?? statedShare(side, vram)
  const isContradicted = shareByLayers !== undefined && shareByLayers < 100 && shareByMemory === 100
  if (shareByMemory !== undefined && !isContradicted)
    evidence.push(
      vram === 0
        ? sharedStatement('device.no-vram', { config: key })
        : sharedStatement('device.vram', { config: key, share: percent(shareByMemory) }),
    )
  if (name === 'CPU') return { kind: 'cpu', gpuShare: 0, evidence }
  const gpuShare = shareByLayers ?? shareByMemory
  if (gpuShare !== undefined)
    return { kind: gpuShare === 0 ? 'cpu' : gpuShare < 100 ? 'partial' : 'gpu', gpuShare, evidence }
  const isUnknown = name === undefined && (vram === undefined || !isRecorded(side))
  return isUnknown ? undefined : { kind: 'gpu', evidence }
}

/** False if only a document states the compute device. */
function isInLog({ facts }: ConfigAnalysis): boolean {
  return facts.get('computeDevice')?.source !== documentSource
}

/** The share on the GPU that a document states without the model's size: 0 for no GPU memory, or its `gpuShare`. */
function statedShare(side: ConfigAnalysis, vram: number | undefined): number | undefined {
  if (!isRecorded(side)) return undefined
  return vram === 0 ? 0 : figureOf(side, 'gpuShare')
}

function isRecorded({ config: { kind } }: ConfigAnalysis): boolean {
  return kind === 'recorded'
}

/** In percent; `undefined` if either is unknown, or the server contradicts itself: then `ollama ps` prints `Unknown`. */
function shareOf(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0 || part > whole) return undefined
  return (part / whole) * 100
}

/**
 * The parts of the gap that slow computing may account for: prefill, decode without the time of longer answers, and the
 * wait that slower requests cause for other users of the same slot.
 */
export function maxMsOfSlowCompute(input: RuleInput): Found['maxMs'] {
  if (input.gap === undefined) return {}
  const { prefill, slowerTokens } = input.gap.parts
  const wait = computesSlower(input) ? waitForSlowerRequests(prefill + slowerTokens, input) : 0
  return { prefill, slowerTokens, ...(wait > 0 && { wait }) }
}

/** True if the subject computes slower, beyond noise; false without a gap. */
export function computesSlower({ gap }: RuleInput): boolean {
  return (
    gap !== undefined &&
    ((gap.partsBeyondNoise.has('prefill') && gap.parts.prefill > 0) ||
      (gap.partsBeyondNoise.has('slowerTokens') && gap.parts.slowerTokens > 0))
  )
}

/** Says how many tokens each side computes per second; empty if that is not known. */
export function speedStatements(input: RuleInput): readonly Statement[] {
  if (!hasReference(input)) return []
  const { subject, reference } = input
  const [decodeFrom, decodeTo] = [reference, subject].map((each) => figureOf(each, 'decodeSpeed'))
  const [prefillFrom, prefillTo] = [reference, subject].map((each) =>
    figureOf(each, 'prefillSpeed'),
  )
  if (decodeFrom === undefined || decodeTo === undefined) return []
  const decode = { decodeFrom: speed(decodeFrom), decodeTo: speed(decodeTo) }
  if (prefillFrom === undefined || prefillTo === undefined)
    return [sharedStatement('speed.decode', decode)]
  const prefill = { prefillFrom: speed(prefillFrom), prefillTo: speed(prefillTo) }
  return [sharedStatement('speed.slower', { ...decode, ...prefill })]
}

/** A measured wait is close to the expected one if they differ by less than this factor. */
const modelTolerance = 2

/**
 * The wait of a request, in ms, according to the queueing model: users share the slots equally, and all requests take
 * the same time. `undefined` if slots, users or durations are not known.
 */
export function expectedWait(side: ConfigAnalysis): number | undefined {
  const [others, load, compute] = [othersPerSlot(side), figureOf(side, 'load'), computeOf(side)]
  return others === undefined || load === undefined || compute === undefined
    ? undefined
    : others * (load + compute)
}

/** True if the measured wait is close to that of the queueing model. */
export function fitsQueueModel(wait: number, expected: number): boolean {
  return wait < expected * modelTolerance && expected < wait * modelTolerance
}

/**
 * True if both sides have the same numbers of users and slots, so that only slower requests can cause a longer wait.
 */
export function haveSameUsersAndSlots({ subject, reference }: RuleInput): boolean {
  return (
    reference !== undefined &&
    slotsOf(subject) !== undefined &&
    slotsOf(subject) === slotsOf(reference) &&
    usersOf(subject) !== undefined &&
    usersOf(subject) === usersOf(reference)
  )
}

/**
 * The wait that slower requests cause for other users of the slot, in ms; 0 if the numbers of users or slots differ.
 */
function waitForSlowerRequests(slowerMs: number, input: RuleInput): number {
  const others = haveSameUsersAndSlots(input) ? othersPerSlot(input.subject) : undefined
  return Math.min(input.gap?.parts.wait ?? 0, Math.max(0, slowerMs) * (others ?? 0))
}

/** With how many other users a user shares a slot, on average; 0 if there are enough slots. */
function othersPerSlot(side: ConfigAnalysis): number | undefined {
  const [slots, users] = [slotsOf(side), usersOf(side)]
  return slots === undefined || users === undefined ? undefined : Math.max(0, users / slots - 1)
}

/** Variables that do not change how fast the server computes a request. */
const variablesWithoutSpeed: ReadonlySet<string> = new Set([
  'OLLAMA_NUM_PARALLEL',
  'OLLAMA_NUM_THREADS',
  'OLLAMA_MAX_QUEUE',
  'OLLAMA_MAX_LOADED_MODELS',
  'OLLAMA_KEEP_ALIVE',
])

/**
 * True if the configs have the same settings and threads, apart from variables that do not change the speed of a
 * request.
 */
export function haveSameSpeedSettings(one: ConfigAnalysis, other: ConfigAnalysis): boolean {
  return (
    threadsOf(one) === threadsOf(other) &&
    isDeepStrictEqual(one.config.options, other.config.options) &&
    isDeepStrictEqual(speedVariables(one), speedVariables(other))
  )
}

/**
 * The variables that can change how fast the server computes; the option `num_ctx` overrides `OLLAMA_CONTEXT_LENGTH`.
 */
function speedVariables({
  config: { env, options },
}: ConfigAnalysis): Readonly<Record<string, string>> {
  const isOverridden = (name: string) =>
    name === 'OLLAMA_CONTEXT_LENGTH' && options['num_ctx'] !== undefined
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !variablesWithoutSpeed.has(name) && !isOverridden(name)),
  )
}

/** True for two configs of the same run with the same kind of server and the same model. */
export function areSiblings(one: ConfigAnalysis, other: ConfigAnalysis): boolean {
  const [first, second] = [one.config, other.config]
  if (first.kind === 'recorded' || second.kind === 'recorded') return false
  return (
    one.run === other.run &&
    isSameTarget(first.target, second.target) &&
    targetOf(one) === targetOf(other) &&
    first.model.name === second.model.name
  )
}
