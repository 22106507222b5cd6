/** Reads the values of options of the command line. */
import { InvalidArgumentError } from 'commander'

/** Collects the values of an option that may be repeated, in their order. */
export function collectValues(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

/** Reads the keys of configs from an option that may be repeated: `a,b`. */
export function configKeys(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((key) => key.trim())]
}

/**
 * Reads the value of an option as a whole number.
 * @throws InvalidArgumentError, which commander prints, for other text
 */
export function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw new InvalidArgumentError('Write a whole number from 1 to 9999.')
  return Number(text)
}

/** Reads whole numbers separated by commas. @throws InvalidArgumentError, which commander prints, for other text */
export function wholeNumbers(text: string): readonly number[] {
  return text.split(',').map((number) => wholeNumber(number.trim()))
}
