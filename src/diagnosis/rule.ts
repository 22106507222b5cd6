import type { Case } from './case.ts'
import type { Examination } from './diagnosis.ts'

/** Looks at a pair for one cause. Never throws; what it needs and does not have, it names. */
export type Rule = (given: Case) => Examination
