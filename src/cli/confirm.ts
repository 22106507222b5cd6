import { ExpError } from '../errors/exp-error.ts'
import type { Io } from './io.ts'

/**
 * Asks the question. Throws `ExpError` if the answer is no, or if there is no terminal to ask on.
 * @param hint what to do if nobody confirms
 */
export async function confirmOrRefuse(question: string, hint: string, io: Io): Promise<void> {
  if (io.confirm !== undefined && (await io.confirm(question))) return
  io.signal.throwIfAborted()
  throw new ExpError(
    'invalid-input',
    io.confirm === undefined ? 'there is no terminal to ask on' : 'the answer was no',
    hint,
  )
}
