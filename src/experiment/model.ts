/** The model of a config, and the values of the options that its requests have. */

export interface Model {
  readonly name: string
  /** As declared: `522MB`. */
  readonly size?: string
  /** The first hexadecimal digits, at least 12, of the only digest that may be measured. */
  readonly digest?: string
}

export type Scalar = string | number | boolean
export type OptionValue = Scalar | readonly string[]
