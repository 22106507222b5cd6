/**
 * Why one config is slower than another. Enters: an experiment and its analysis. Leaves: for each pair that is worth
 * explaining, what was found, what was ruled out and what could not be looked at, each with its evidence as codes and
 * numbers. Rules compute facts; the words are the report's. Pure.
 */
import type { Cause } from './cause.ts'
import type { Gap, GapPart } from './gap.ts'
import type { Fix } from './fix.ts'
import type { Statement } from './statement.ts'

export interface Diagnosis {
  /** The pair that the experiment asks about first, then each config with its `from`. Empty without two that can be compared. */
  readonly explanations: readonly Explanation[]
  /** Settings that change nothing: about configs, not about a difference between them. */
  readonly settings: readonly Finding[]
  /** The same, where nothing of the kind was found, or where the evidence of one is not there. */
  readonly settingsRuledOut: readonly RuledOut[]
  readonly settingsUnchecked: readonly Unchecked[]
  /** What a document would have to say, or a run to store, so that causes could be looked at; in order, each once. */
  readonly toRecord: readonly Missing[]
}

export interface Explanation {
  /** Key of the slower config, and of the faster one; without the second its own latency is explained. */
  readonly subject: string
  readonly reference?: string
  /** Absent where either side does not have all parts of its latency. */
  readonly gap?: Gap
  /** Times the reference's latency, where that is all there is. */
  readonly ratio?: number
  /** In order of rank, then of milliseconds, then of the list of causes. */
  readonly findings: readonly Finding[]
  readonly ruledOut: readonly RuledOut[]
  readonly unchecked: readonly Unchecked[]
}

/** `proven`: a field or a log line is direct proof; `likely`: a strong pattern; `possible`: a hint that needs an experiment. */
export type Certainty = 'proven' | 'likely' | 'possible'

/** 最关键, 次要, 可优化. */
export type Rank = 'critical' | 'secondary' | 'improvable'

/** - `measured`: a field measures it
 *  - `at-most`: other things hide in the same milliseconds
 *  - `unknown`: that it exists says nothing of how much it costs */
export type Share = 'measured' | 'at-most' | 'unknown'

export interface Finding extends Found {
  readonly rank: Rank
  /** What it can account for at most, by part, in ms: never what another finding has. */
  readonly ms: Readonly<Partial<Record<GapPart, number>>>
  /** Together. */
  readonly totalMs: number
  /** Causes that have the milliseconds which this one would have claimed as well. */
  readonly within: readonly Cause[]
}

/** What a rule found, before milliseconds are given out. */
export interface Found {
  readonly outcome: 'found'
  readonly cause: Cause
  /** Keys of the configs that have it. */
  readonly configs: readonly string[]
  readonly certainty: Certainty
  readonly evidence: readonly Statement[]
  /** What speaks against it. */
  readonly against: readonly Statement[]
  /** What cannot be told apart from it. */
  readonly reservations: readonly Statement[]
  readonly share: Share
  /** At most, in ms; the difference of the part itself where it could be all of it. */
  readonly claims: Readonly<Partial<Record<GapPart, number>>>
  readonly fixes: readonly Fix[]
}

/** Not the cause of this difference: it is not there, or it is there and costs the slower side no time. */
export interface RuledOut {
  readonly outcome: 'ruled-out'
  readonly cause: Cause
  readonly evidence: readonly Statement[]
}

export interface Unchecked {
  readonly outcome: 'unchecked'
  readonly cause: Cause
  readonly missing: readonly Missing[]
}

/** Something that a rule asked for and that is not in the stored results. */
export interface Missing {
  readonly config: string
  readonly fact: MissingFact
}

/** What rules ask for: facts by their ids, and what only requests or a server's settings can say. */
export const missingFacts = [
  'requests',
  'cachedTokens',
  'doneReason',
  'inlineThinking',
  'keepAlive',
  'serverConfig',
  'slots',
  'threads',
  'cpuCount',
  'computeDevice',
  'vramBytes',
  'layersOffloaded',
  'hostOs',
  'containerDeviceRequests',
  'containerThrottledPeriods',
  'gpu',
  'containerArchitecture',
  'hostArchitecture',
  'modelDigest',
  'quantization',
  'serverVersion',
  'contextLength',
  'swapInPages',
] as const
export type MissingFact = (typeof missingFacts)[number]

/** `undefined` where the cause cannot be meant: no container, no reference. */
export type RuleResult = Found | RuledOut | Unchecked | undefined
