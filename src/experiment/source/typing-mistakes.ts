/**
 * Explains mistakes of typing that YAML reports as something else: a missing space, and full-width punctuation that a
 * Chinese keyboard types where YAML needs ASCII: `title：x`, `“30s”`, `{a: 1，b: 2}`.
 */
import { quoted } from '../../errors/quote.ts'
import type { ProblemCode, ProblemDetails } from '../problem.ts'

type Wording = Required<Pick<ProblemDetails, 'message' | 'hint'>>

const nouns: Readonly<Record<string, readonly [noun: string, ascii: string]>> = {
  '：': ['colon', ':'],
  '，': ['comma', ','],
  '“': ['quote', '"'],
  '”': ['quote', '"'],
  '‘': ['quote', "'"],
  '’': ['quote', "'"],
  '「': ['quote', '"'],
  '『': ['quote', '"'],
  '＂': ['quote', '"'],
  '＇': ['quote', "'"],
  '｛': ['brace', '{'],
  '｝': ['brace', '}'],
  '［': ['bracket', '['],
  '］': ['bracket', ']'],
  '\u3000': ['space', ' '],
}

/** Where a full-width character is most likely meant as a part of YAML. The group is the character. */
const asSyntax: readonly RegExp[] = [
  /^\s*(?:- +)?[\w.-]+\s*(：)/, // a key
  /(?:[:[{,，：]|^\s*-)\s*([“”‘’「『＂＇])/, // the start of a value
  /[\w"'”’]\s*(，)\s*[\w.-]+\s*[:：]/, // between the entries of `{…}`
  /([｛｝［］])/,
  /^ *(\u3000)/, // an indent
]

/**
 * Explains a full-width character that was meant as YAML's syntax. Returns undefined if the line has no such character.
 */
export function fullWidthInLine(line: string): Wording | undefined {
  const found = asSyntax.flatMap((pattern) => pattern.exec(line)?.[1] ?? [])
  return found[0] === undefined ? undefined : wordingFor(found[0])
}

/** Problems of values that are names or numbers: there, a quote is never a part of the value. */
const shortValues: ReadonlySet<ProblemCode> = new Set([
  'wrong-type',
  'wrong-value',
  'duration',
  'rate',
  'quantity',
  'threshold',
  'unknown-config',
  'unknown-metric',
  'url',
  'leading-dash',
  'missing-dataset',
])

/**
 * The problem of a value, with the full-width character in its message if that is the cause.
 * @param written the value's text in the file, without ASCII quotes
 */
export function explainFullWidth(details: ProblemDetails, written: string): ProblemDetails {
  if (!shortValues.has(details.code)) return details
  const [, character] = /^([“”‘’「『＂＇])|^[\w.-]+\s*(：)/.exec(written)?.filter(Boolean) ?? []
  return character === undefined ? details : { ...details, ...wordingFor(character) }
}

function wordingFor(character: string): Wording {
  const [noun, ascii] = nouns[character] ?? ['character', '']
  const hint = ascii === ':' ? 'write `:` and a space' : `write ${quoted(ascii)}`
  return {
    message: `${quoted(character)} is a full-width ${noun}, which YAML reads as text`,
    hint: noun === 'space' ? 'indent with ordinary spaces' : hint,
  }
}

/** Explains a space that is missing or of the wrong kind. Undefined if the line shows no such mistake. */
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
