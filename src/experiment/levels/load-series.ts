/** The configs that levels of a load make. */

/** A config that is measured at several levels of its load: each level is a config of its own. */
export interface LoadSeries {
  /** The key that the file gives the config. No config of the experiment has it. */
  readonly key: string
  readonly of: 'users' | 'rate'
  /** In ascending order; at least one. */
  readonly levels: readonly LoadLevel[]
}

export interface LoadLevel {
  /** Users, or requests per second. */
  readonly value: number
  /** Its key. */
  readonly config: string
  /** What its label adds to that of the series. */
  readonly suffix: string
}
