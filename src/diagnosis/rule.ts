/**
 * The input, the result and the declaration of a rule. A rule does not name its cause in its results: the list of rules
 * in rules.ts adds it.
 */
import type { Comparison, ConfigAnalysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Fix } from './fix.ts'
import type { Gap, GapPart } from './gap.ts'
import type { Plan } from './next-plan.ts'
import type { Statement, StatementTable } from './statement.ts'

/** The two configs that a rule compares, their difference, and the experiment around them. */
export interface RuleInput {
  readonly experiment: Experiment
  /** All configs of the experiment, in the file's order. */
  readonly configs: readonly ConfigAnalysis[]
  /** The slower config. */
  readonly subject: ConfigAnalysis
  /** The faster config; absent if the subject's own latency is explained. */
  readonly reference?: ConfigAnalysis
  /** Absent if either config lacks a part of its latency. */
  readonly gap?: Gap
  /** From the reference to the subject; absent without a reference. */
  readonly comparison?: Comparison
}

/** The input of most rules, which need a faster config to compare with. */
export type PairInput = RuleInput & {
  readonly reference: ConfigAnalysis
  readonly comparison: Comparison
}

export function hasReference(input: RuleInput): input is PairInput {
  return input.reference !== undefined && input.comparison !== undefined
}

/**
 * - `proven`: a field or a log line is direct proof
 * - `likely`: a strong pattern
 * - `possible`: a hint that needs an experiment
 */
export type Certainty = 'proven' | 'likely' | 'possible'

/**
 * How well the cost of a cause, the milliseconds that it adds, is known.
 * - `measured`: a field measures the cost
 * - `at-most`: the cost is at most the milliseconds in `maxMs`, which may have other causes, too
 * - `about`: like `at-most`, but the limit is not exact, because the sides compute different numbers of requests at
 *   once
 * - `unknown`: the cause exists, and its cost is not known
 */
export type CostKnowledge = 'measured' | 'at-most' | 'about' | 'unknown'

/** The rule found its cause. */
export interface Found {
  readonly outcome: 'found'
  /** Keys of the configs that have the cause. */
  readonly configs: readonly string[]
  readonly certainty: Certainty
  readonly evidence: readonly Statement[]
  /** Evidence against the cause. */
  readonly against: readonly Statement[]
  /** Why the evidence may have another explanation, or why the cause may cost nothing. */
  readonly reservations: readonly Statement[]
  readonly cost: CostKnowledge
  /** The parts of the difference that the cause may account for, each with the most that it may account for, in ms. */
  readonly maxMs: Readonly<Partial<Record<GapPart, number>>>
  readonly fixes: readonly Fix[]
  /**
   * The share of a config's requests or trials that failed because of the cause, from 0 to 1. The largest of all
   * configs.
   */
  readonly failed?: { readonly counted: 'requests' | 'trials'; readonly share: number }
  /** The share of the time to the first token that the cause adds, from 0 to 1. The largest of all configs. */
  readonly firstTokenShare?: number
}

/** The cause does not explain this difference: it is absent, or it costs the slower config no time. */
export interface RuledOut {
  readonly outcome: 'ruled-out'
  readonly evidence: readonly Statement[]
}

/** The rule could not decide, because stored results lack facts. */
export interface Unchecked {
  readonly outcome: 'unchecked'
  readonly missing: readonly Missing[]
}

/** A fact that a rule needs and that the stored results of a config lack. */
export interface Missing {
  readonly config: string
  readonly fact: MissingFact
}

/** The ids of facts, and of other data: of requests and of a server's settings. */
export const missingFacts = [
  'requests',
  'enoughRequests',
  'cachedTokens',
  'doneReason',
  'inlineThinking',
  'keepAlive',
  'serverConfig',
  'otherModelLoads',
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

/** `undefined` if the rule does not apply, for example to a config without a container. */
export type RuleResult = Found | RuledOut | Unchecked | undefined

/** The fields that rules about two configs and rules about settings share. */
interface RuleBase {
  /** The name of the cause in results, in `causes.yaml` and in `exp next ID CAUSE`. */
  readonly id: string
  /** Where the rule's claim about Ollama comes from: documents, source files, issues. */
  readonly references: readonly string[]
  /** Statements that only this rule makes. */
  readonly statements?: StatementTable
  /** The experiment that would test the cause, or what to do instead if no experiment can. */
  readonly next: Plan | Untestable
}

export interface Untestable {
  readonly instead: string
}

/**
 * Looks for one cause of the difference between two configs. `examine` never throws: it lists the facts that it lacks.
 */
export interface Rule extends RuleBase {
  readonly examine: (input: RuleInput) => RuleResult
}

/** The grid and the series of an experiment. */
export type Design = Pick<Experiment, 'grid' | 'series'>

/**
 * Examines the settings of all configs. The result is `undefined` if no config has a setting that the rule is about.
 */
export interface SettingRule extends RuleBase {
  readonly examineSettings: (configs: readonly ConfigAnalysis[], design: Design) => RuleResult
}

/**
 * Looks in all configs for one cause of failed requests or trials, whatever their speed. Its findings set the field
 * `failed`. The result is `undefined` if nothing failed.
 */
export interface FailureRule extends RuleBase {
  readonly examineFailures: (configs: readonly ConfigAnalysis[]) => RuleResult
}

/**
 * Looks in all configs for one cause of late first tokens, whatever their speed. Its findings set the field
 * `firstTokenShare`. The result is `undefined` if no config can have the cause.
 */
export interface DeliveryRule extends RuleBase {
  readonly examineDelivery: (configs: readonly ConfigAnalysis[]) => RuleResult
}

/** Checks a rule, and keeps the literal types of its id and its statements. */
export function defineRule<const Defined extends Rule | SettingRule | FailureRule | DeliveryRule>(
  rule: Defined,
): Defined {
  return rule
}

type Required = 'configs' | 'certainty' | 'evidence'

/** A finding. By default it has no evidence against it and accounts for no milliseconds. */
export function found(
  fields: Pick<Found, Required> & Partial<Omit<Found, Required | 'outcome'>>,
): Found {
  return {
    outcome: 'found',
    against: [],
    reservations: [],
    cost: 'unknown',
    maxMs: {},
    fixes: [],
    ...fields,
  }
}

export function ruledOut(...evidence: readonly Statement[]): RuledOut {
  return { outcome: 'ruled-out', evidence }
}

/** @param config key of the config whose results lack these facts */
export function unchecked(config: string, ...facts: readonly MissingFact[]): Unchecked {
  return { outcome: 'unchecked', missing: facts.map((fact) => ({ config, fact })) }
}
