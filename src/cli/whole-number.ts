import { InvalidArgumentError } from 'commander'

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
