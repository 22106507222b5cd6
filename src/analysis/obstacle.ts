/** Why two configs are not compared. */
import type { Acceptable } from '../experiment/experiment.ts'
import type { AuditId } from './audits/audit.ts'

export type DifferenceId = Acceptable

/** A difference between two configs that evidence or a document shows and no setting in the file declares. */
export interface UndeclaredDifference {
  readonly id: DifferenceId
  /** The value of each side as text; for prompts, the number of samples whose prompts differ. */
  readonly from: string
  readonly to: string
  /** True if it makes no comparison invalid: the file lists it under `accept`, or a document states it. */
  readonly accepted: boolean
  readonly stated?: boolean // by the document of at least one side
}

/** Why two configs are not compared although both have figures. A closed set; its wording is in the templates. */
export type Obstacle =
  | { readonly code: 'not-comparable'; readonly differences: readonly UndeclaredDifference[] }
  | { readonly code: 'audit'; readonly audit: AuditId; readonly config: string }
  /**
   * Success rates in percent that differ by more than a point: a comparison would cover only the successful requests.
   */
  | { readonly code: 'ok-rates'; readonly from: number; readonly to: number }
  /** Memory or energy was read from different sources, which count differently. */
  | { readonly code: 'sources'; readonly from: string; readonly to: string }
