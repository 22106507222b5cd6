/** Configs that are measured at several levels of a load. */

/** A config that is measured at several levels of its load: each level is a config of its own. */
export interface LoadSeries {
  /** The key of the config in the file. After expansion, no config has this key. */
  readonly key: string
  readonly of: 'users' | 'rate'
  /** In ascending order; at least one. */
  readonly levels: readonly LoadLevel[]
}

export interface LoadLevel {
  /** Users, or requests per second. */
  readonly value: number
  /** Key of the level's config. */
  readonly config: string
  /** What its label adds to that of the series. */
  readonly suffix: string
}
