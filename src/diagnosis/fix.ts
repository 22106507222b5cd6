/** What to change against a cause, as data: the report writes it in the form of the config's target. */

/** - `variable`: of the server's environment; `option`: of requests; `request`: a field beside the options
 *  - `container`: of `docker run` or Compose; `client`: of whatever sends the requests */
export interface Setting {
  readonly kind: 'variable' | 'option' | 'request' | 'container' | 'client'
  readonly name: string
  /** Absent: take it out. */
  readonly value?: string | number | boolean
}

/** What is done; wording is `fix.<code>` of `causes.yaml`. */
export const fixCodes = [
  'more-slots',
  'fewer-slots',
  'keep-loaded',
  'same-options',
  'no-thinking',
  'equal-limit',
  'larger-limit',
  'larger-context',
  'smaller-context',
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

export interface Fix {
  readonly code: FixCode
  /** The config whose target gives the settings their form. */
  readonly config: string
  /** Ready to paste; empty where it is no setting. */
  readonly settings: readonly Setting[]
  /** What it would bring is open: an experiment has to tell before anyone sets it. */
  readonly needsExperiment?: true
}
