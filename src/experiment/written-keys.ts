/** Finds the keys of a mapping that a file must state. */
import { canonicalJson } from '../json/json.ts'

/** The entries whose value differs from the value in `base`. */
export function differing(
  values: Readonly<Record<string, unknown>>,
  base: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !isSame(value, base[name])),
  )
}

/** Removes the keys whose value is undefined, because they would override what a config inherits. */
export function defined(values: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

export function unlessEmpty<T extends object>(values: T): T | undefined {
  return Object.keys(values).length === 0 ? undefined : values
}

export function unlessSame<T>(value: T, inherited: unknown): T | undefined {
  return isSame(value, inherited) ? undefined : value
}

export function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson({ one }) === canonicalJson({ one: other })
}
