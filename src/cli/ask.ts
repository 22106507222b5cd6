/** Questions on the terminal of this process. The library is loaded with the first question. */
import { ExpError } from '../errors/exp-error.ts'

/** Asks questions on the terminal. Both throw `ExpError` if the question is cancelled. */
export interface Ask {
  /** Resolves to the value of the chosen option. */
  choose<Value extends string>(
    question: string,
    options: readonly { readonly value: Value; readonly label: string }[],
  ): Promise<Value>
  /** Resolves to a text that is not empty. */
  write(question: string): Promise<string>
}

/** @param signal ends the question when it is aborted */
export function askOnTerminal(signal: AbortSignal): Ask {
  // Some terminals report no size, and the library would then write one letter on each line, and hide the options.
  process.stderr.columns ||= 80
  process.stderr.rows ||= 24
  const streams = { output: process.stderr, signal }
  return {
    choose: async (message, options) => {
      const { isCancel, select } = await import('@clack/prompts')
      const chosen = await select<string>({ message, options: [...options], ...streams })
      const option = options.find(({ value }) => value === chosen)
      if (isCancel(chosen) || option === undefined) throw cancelled()
      return option.value
    },
    write: async (message) => {
      const { isCancel, text } = await import('@clack/prompts')
      const isFilled = (value: string | undefined) => /\S/.test(value ?? '')
      const validate = (value: string | undefined) => (isFilled(value) ? undefined : message)
      const written = await text({ message, validate, ...streams })
      if (isCancel(written)) throw cancelled()
      return written.trim()
    },
  }
}

function cancelled(): ExpError {
  return new ExpError('interrupted', 'cancelled: nothing was written')
}
