import type { RuleInput } from './case.ts'
import type { RuleResult } from './diagnosis.ts'

/** Looks at a pair for one cause. Never throws; what it needs and does not have, it names. */
export type Rule = (given: RuleInput) => RuleResult
