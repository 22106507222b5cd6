/**
 * Patterns of `regex` checks. They are matched against text that a model wrote, so they run on RE2, whose time grows
 * linearly with the text; a backtracking engine can take exponential time. The notation is JavaScript's (flag `u`).
 * References and lookaround are refused, because they need backtracking.
 */
import { RE2JS } from 're2js'
import { quoted } from '../errors/quote.ts'
import type { Reading } from './values/reading.ts'

/** True if the pattern is found anywhere in the text. */
export type Matcher = (text: string) => boolean

class UnsupportedPattern extends Error {}

const maxLength = 500
const maxRepeats = 100

/** Never throws. */
export function compilePattern(pattern: string): Reading<Matcher> {
  try {
    if (pattern.length > maxLength)
      throw new UnsupportedPattern(`is longer than ${maxLength} characters`)
    new RegExp(pattern, 'u')
    const compiled = RE2JS.compile(RE2JS.translateRegExp(toRe2(pattern)))
    return { value: (text) => compiled.test(text) }
  } catch (error) {
    return {
      message: `the pattern ${quoted(pattern)} ${reasonOf(error)}`,
      hint: 'write a pattern such as `^\\d+$`',
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UnsupportedPattern) return error.message
  if (error instanceof SyntaxError) return 'is not a regular expression'
  const [, reason = 'unknown syntax'] = /: (.*)$/s.exec(String(error)) ?? []
  return `is not supported: ${reason.replaceAll('`', '')}`
}

// The white space of JavaScript: RE2's own `\s` has only the ASCII part of it.
const space = String.raw`\t-\r\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
const notSpace = String.raw`\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`

/** Translations outside of classes. */
const outsideClass: Readonly<Record<string, string>> = {
  '.': String.raw`[^\n\r\x{2028}\x{2029}]`,
  '[^]': String.raw`[\x{0}-\x{10ffff}]`,
  '\\s': `[${space}]`,
  '\\S': `[${notSpace}]`,
}
/** Translations inside of classes `[…]`. */
const inClass: Readonly<Record<string, string>> = {
  '[': '\\[',
  '\\b': '\\x{8}',
  '\\s': space,
  '\\S': notSpace,
}

/**
 * The parts of a pattern to translate or to refuse. Every escape is one part, so that an escaped `.` or `[` is not
 * mistaken for the unescaped character.
 */
const parts = /\\(?:[pP]\{[^}]*\}|.)|\[\^\]|[[\].]|\{\d+(?:,\d*)?\}|\(\?(?!:)<?./gsu

/** @param pattern is valid in JavaScript with the flag `u` */
function toRe2(pattern: string): string {
  let isInClass = false
  return pattern.replace(parts, (part) => {
    const property = /^\\(p)\{(?:Script|sc|General_Category|gc)=(\w+)\}$/i.exec(part)
    if (property) return `\\${property[1] ?? ''}{${property[2] ?? ''}}`
    if (isInClass) {
      if (part === ']') isInClass = false
      return inClass[part] ?? part
    }
    if (part === '[') isInClass = true
    if (part.startsWith('(?')) throw new UnsupportedPattern(reasonToRefuseGroup(part))
    if (/^\\[1-9k]/.test(part))
      throw new UnsupportedPattern('uses a back reference, which is not supported')
    if ((part.match(/\d+/g) ?? []).some((count) => Number(count) > maxRepeats))
      throw new UnsupportedPattern(`repeats more than ${maxRepeats} times`)
    return outsideClass[part] ?? part
  })
}

function reasonToRefuseGroup(start: string): string {
  return /[=!]$/.test(start)
    ? 'uses lookaround, which is not supported'
    : 'uses a named group, which is not supported'
}
