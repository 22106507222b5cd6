/** What a reader is told of a template that cannot be used. */
import { ExpError } from '../errors/exp-error.ts'

/** @param line from 1 */
export function templateError(
  file: string,
  line: number,
  message: string,
  hint?: string,
): ExpError {
  return new ExpError('template', `${file}:${line}: ${message}`, hint)
}
