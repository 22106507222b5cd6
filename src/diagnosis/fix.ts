/** A change that addresses a cause, as data. The report writes its settings in the form of the config's target. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { keyOf, numberOf } from './config-facts.ts'

export interface Fix {
  readonly code: FixCode
  /** The config to change. Its target decides the form of the settings. */
  readonly config: string
  /** Ready to paste; empty if the change is not a setting. */
  readonly settings: readonly Setting[]
  /** True if the effect is not known, so that the report recommends an experiment first. */
  readonly needsExperiment?: true
}

/**
 * - `variable`: an environment variable of the server
 * - `option`: a field of the `options` of requests
 * - `request`: another field of requests
 * - `container`: a setting of `docker run` or Compose
 * - `client`: a setting of the load generator
 */
export interface Setting {
  readonly kind: 'variable' | 'option' | 'request' | 'container' | 'client'
  readonly name: string
  /** Absent if the setting is to be removed. */
  readonly value?: string | number | boolean
}

/**
 * What to do. Its wording is `fix.<code>` of `causes.yaml`. Codes keep their names, because projects may override their
 * wording. `rest-between`: pause between trials. `use-option`: use the option of requests instead of the variable.
 * `set-where-started`: set the variable where the server is started. `take-out`: remove settings that have no effect.
 */
export const fixCodes = [
  'larger-queue',
  'fewer-requests',
  'more-slots',
  'fewer-slots',
  'several-servers',
  'keep-loaded',
  'same-options',
  'separate-models',
  'more-loaded-models',
  'no-thinking',
  'equal-limit',
  'larger-context',
  'smaller-context',
  'trained-context',
  'with-flash-attention',
  'unique-prompts',
  'run-natively',
  'request-gpu',
  'use-gpu',
  'native-image',
  'larger-quota',
  'fewer-threads',
  'same-model',
  'same-version',
  'same-context',
  'bypass-proxy',
  'fewer-users',
  'rest-between',
  'longer-answers',
  'use-option',
  'set-where-started',
  'take-out',
] as const
export type FixCode = (typeof fixCodes)[number]

/** Halves the context to save memory. The fix has no setting if the context is not known. */
export function smallerContext(side: ConfigAnalysis): Fix {
  const context = numberOf(side, 'contextLength')
  return {
    code: 'smaller-context',
    config: keyOf(side),
    settings:
      context === undefined
        ? []
        : [{ kind: 'option', name: 'num_ctx', value: Math.ceil(context / 2) }],
  }
}
