/** Asks questions on the terminal of this process. The library for it is loaded with the first question. */
import { ExpError } from '../errors/exp-error.ts'

/** Asks questions on the terminal. Each method throws `ExpError` if the user cancels the question. */
export interface Questions {
  /** Resolves to the value of the chosen option. */
  choose<Value extends string>(
    question: string,
    options: readonly { readonly value: Value; readonly label: string }[],
  ): Promise<Value>
  /** Resolves to the text that the user writes; it is not empty. */
  write(question: string): Promise<string>
}

/** @param signal ends the question when it is aborted */
export function askOnTerminal(signal: AbortSignal): Questions {
  // Some terminals report no size. The library would then write one letter on each line, and hide the options.
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
