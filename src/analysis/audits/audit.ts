/**
 * Audits check that the records of a trial are consistent. Each reports its outcome and the numbers that it compared;
 * the wording is in the templates.
 */

export const auditIds = [
  'littlesLaw',
  'turnaround',
  'tokenSum',
  'counts',
  'timeBudget',
  'achievedLoad',
  'clientBound',
  'drift',
  'slowMachine',
  'coldStart',
  'cache',
  'cutShort',
  'sampleSize',
  'effectiveSettings',
] as const
export type AuditId = (typeof auditIds)[number]

/** From best to worst. `unchecked`: the record lacks what the audit needs, or is too small for the audit to fail. */
export const auditOutcomes = ['pass', 'unchecked', 'warn', 'fail'] as const
export type AuditOutcome = (typeof auditOutcomes)[number]

/** The audit of one trial. */
export interface Audit {
  readonly id: AuditId
  readonly outcome: AuditOutcome
  /**
   * The compared numbers. A key ends in `Ms` for milliseconds and in `Percent` for a percentage. A list of names is one
   * text, joined by `, `.
   */
  readonly numbers: Readonly<Record<string, number | string>>
}

export interface AuditedRound extends Audit {
  readonly round: number
}

/** An audit over the trials of a config. */
export interface ConfigAudit extends Audit {
  /**
   * The worst outcome of the trials, with the `numbers` of that trial. Some audits judge all trials together instead.
   */
  readonly outcome: AuditOutcome
  /** Number of trials in which the audit could be checked; 0 for figures from a document. */
  readonly checked: number
  /** Number of those trials with a finding. */
  readonly found: number
  /** In the order of rounds. Empty for figures from a document, and if trials are judged together. */
  readonly rounds: readonly AuditedRound[]
}

export function isFinding(outcome: AuditOutcome): boolean {
  return outcome === 'warn' || outcome === 'fail'
}

/** @param holds true if the compared numbers are consistent */
export function passOrFail(id: AuditId, holds: boolean, numbers: Audit['numbers']): Audit {
  return { id, outcome: holds ? 'pass' : 'fail', numbers }
}

export function unchecked(id: AuditId): Audit {
  return { id, outcome: 'unchecked', numbers: {} }
}
