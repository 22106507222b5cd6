/** What a ratio should be. */
export type Aim =
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly between: readonly [number, number] }

/** A comparison that a bench prints. */
export interface Line {
  readonly what: string
  readonly ratio: number
  readonly aim: Aim
  /** The figures behind the ratio. */
  readonly figures: string
}
