/** Explains mistakes of typing that YAML reports as something else, by the line of the error. */
import { quoted } from '../../errors/quote.ts'
import type { ProblemDetails } from '../problem.ts'

type Wording = Required<Pick<ProblemDetails, 'message' | 'hint'>>

/** Undefined if the line shows no such mistake. */
export function mistakeInLine(line: string): Wording | undefined {
  const [, key, space = '', value] = /^\s*(?:- )?([\w.-]+):(\u00a0*)(\S.*)$/.exec(line) ?? []
  if (key !== undefined && value !== undefined && (space !== '' || !value.startsWith('//')))
    return {
      message:
        space === ''
          ? '`:` needs a space after it'
          : 'a no-break space follows the `:`, where YAML needs an ordinary one',
      hint: `write ${quoted(`${key}: ${value.trim()}`)}`,
    }
  const [, entry] = /^\s*-(\w[\w.-]*:(?:\s.*)?)$/.exec(line) ?? []
  return entry === undefined
    ? undefined
    : {
        message: '`-` needs a space after it to begin an entry of a list',
        hint: `write ${quoted(`- ${entry.trim()}`)}`,
      }
}
