/** A rule across fields: it reads the well-formed parts of a draft and says what does not fit together. */
import type { DatasetDraft, Draft } from '../draft.ts'
import type { Problem } from '../problem.ts'
import type { Config } from '../experiment.ts'

export interface RuleInput {
  readonly draft: Draft
  /** Undefined where there is none, or it could not be read. */
  readonly dataset?: DatasetDraft
  /** The configs that could be made out, in the file's order. */
  readonly configs: readonly Config[]
}

export type Rule = (checked: RuleInput) => readonly Problem[]
