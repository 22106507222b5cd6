/** Audits: sums that must come out. Each says what it found, with its numbers; wording is the report's. */

export const auditIds = [
  'littlesLaw',
  'tokenSum',
  'counts',
  'timeBudget',
  'achievedLoad',
  'clientBound',
  'drift',
  'coldStart',
  'cache',
  'cutShort',
  'sampleSize',
  'effectiveSettings',
] as const
export type AuditId = (typeof auditIds)[number]

/** From good to bad; `unchecked`: what it needs was not recorded. */
export type AuditOutcome = 'pass' | 'unchecked' | 'warn' | 'fail'

export interface Audit {
  readonly id: AuditId
  readonly outcome: AuditOutcome
  /** What was compared: milliseconds end in `Ms`, percentages in `Percent`; lists of names are joined by `, `. */
  readonly numbers: Readonly<Record<string, number | string>>
}

/** @param holds whether the sum comes out */
export function passOrFail(id: AuditId, holds: boolean, numbers: Audit['numbers']): Audit {
  return { id, outcome: holds ? 'pass' : 'fail', numbers }
}

export function unchecked(id: AuditId): Audit {
  return { id, outcome: 'unchecked', numbers: {} }
}
