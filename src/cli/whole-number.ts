import { InvalidArgumentError } from 'commander'

/** An option's value as a number; throws the error of commander if it is none. */
export function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw new InvalidArgumentError('Write a whole number from 1 to 9999.')
  return Number(text)
}

/** The numbers of an option's value, separated by commas; throws the error of commander if one of them is none. */
export function wholeNumbers(text: string): readonly number[] {
  return text.split(',').map((number) => wholeNumber(number.trim()))
}
