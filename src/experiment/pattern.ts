/**
 * Patterns of `regex` checks, matched in time that grows with the text and no faster. They meet text that a
 * model wrote, and a backtracking engine can take for ever over an unlucky pair; so each character moves a
 * set of states (Thompson, "Regular Expression Search Algorithm", 1968). What needs backtracking, references
 * and looking around, is refused.
 */
import { quoted } from '../errors/quote.ts'
import type { Reading } from './values/reading.ts'

/** Whether the pattern is found anywhere in the text. */
export type Matcher = (text: string) => boolean

interface State {
  /** Consumes a character, or asks what stands before and after; neither for a fork and for the end. */
  readonly accepts?: (character: string) => boolean
  readonly holds?: (before: string | undefined, after: string | undefined) => boolean
  readonly next: State[]
  readonly isEnd?: boolean
}

/** Makes the states of a part, given the state that follows it. */
type Part = (next: State) => State

class Refused extends Error {}

const longestPattern = 500
const mostStates = 5000
const mostCopies = 100

/** A pattern in JavaScript's notation, without references, look-around and flags. Never throws. */
export function compilePattern(pattern: string): Reading<Matcher> {
  try {
    if (pattern.length > longestPattern)
      throw new Refused(`is longer than ${longestPattern} characters`)
    new RegExp(pattern, 'u')
    const end: State = { next: [], isEnd: true }
    const count = { states: 0 }
    const start = parse(pattern, count)(end)
    return { value: (text) => search(start, text) }
  } catch (error) {
    const why = error instanceof Refused ? error.message : 'is no regular expression'
    return {
      message: `the pattern ${quoted(pattern)} ${why}`,
      hint: 'write a pattern such as `^\\d+$`',
    }
  }
}

function search(start: State, text: string): boolean {
  const characters = Array.from(text)
  let current = new Set<State>()
  for (let index = 0; index <= characters.length; index++) {
    const [before, after] = [characters[index - 1], characters[index]]
    const reached = new Set<State>()
    for (const state of [...current, start]) if (reach(state, before, after, reached)) return true
    current = new Set()
    for (const state of reached)
      if (after !== undefined && state.accepts?.(after) === true)
        for (const next of state.next) current.add(next)
  }
  return false
}

/** Adds the states that can be reached without a character; whether the end is among them. */
function reach(
  from: State,
  before: string | undefined,
  after: string | undefined,
  reached: Set<State>,
): boolean {
  const waiting = [from]
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    if (reached.has(state)) continue
    reached.add(state)
    if (state.isEnd === true) return true
    if (state.accepts === undefined && state.holds?.(before, after) !== false)
      waiting.push(...state.next)
  }
  return false
}

const token = new RegExp(
  [
    String.raw`\[(?:\\.|[^\]\\])*\]`, // a class
    String.raw`\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)`, // an escape
    String.raw`\(\?:|\(\?|[()|^$.]`,
    String.raw`(?:[*+?]|\{\d+(?:,\d*)?\})\??`, // a repeat; lazy or not finds the same
    '.',
  ].join('|'),
  'gsu',
)

/** Precondition: JavaScript itself takes the pattern, so brackets close and repeats follow something. */
function parse(pattern: string, count: { states: number }): Part {
  const tokens = pattern.match(token) ?? []
  let at = 0
  const state = (made: State): State => {
    if (++count.states > mostStates) throw new Refused('repeats too much')
    return made
  }
  const choice = (): Part => {
    const branches = [sequence()]
    while (tokens[at] === '|') {
      at++
      branches.push(sequence())
    }
    return (next) => state({ next: branches.map((branch) => branch(next)) })
  }
  const sequence = (): Part => {
    const parts: Part[] = []
    while (at < tokens.length && tokens[at] !== '|' && tokens[at] !== ')') parts.push(repeated())
    return (next) => parts.reduceRight((following, part) => part(following), next)
  }
  const repeated = (): Part => {
    const part = atom()
    const [least, most] = boundsOf(tokens[at])
    if (least === undefined) return part
    at++
    if (Math.max(least, Number.isFinite(most) ? most : 0) > mostCopies)
      throw new Refused(`repeats more than ${mostCopies} times`)
    return (next) => repeat(part, least, most, next, state)
  }
  const atom = (): Part => {
    const part = tokens[at++] ?? ''
    if (part === '(?') throw new Refused('looks around or names a group, which is not supported')
    if (part === '(' || part === '(?:') {
      const inner = choice()
      at++
      return inner
    }
    const holds = assertionOf(part)
    if (holds !== undefined) return (next) => state({ holds, next: [next] })
    const accepts = characterOf(part)
    return (next) => state({ accepts, next: [next] })
  }
  return choice()
}

function repeat(
  part: Part,
  least: number,
  most: number,
  next: State,
  state: (made: State) => State,
): State {
  let following = next
  if (most === Infinity) {
    following = state({ next: [next] })
    following.next.push(part(following))
  } else
    for (let copy = least; copy < most; copy++) following = state({ next: [part(following), next] })
  for (let copy = 0; copy < least; copy++) following = part(following)
  return following
}

/** Least and most times of a repeat; least is undefined where the token is none. */
function boundsOf(repeatToken: string | undefined): [least: number | undefined, most: number] {
  const sign = repeatToken?.[0]
  if (sign === '*') return [0, Infinity]
  if (sign === '+') return [1, Infinity]
  if (sign === '?') return [0, 1]
  const [, least, range, most] = /^\{(\d+)(,(\d*))?\}/.exec(repeatToken ?? '') ?? []
  if (least === undefined) return [undefined, 0]
  if (range === undefined) return [Number(least), Number(least)]
  return [Number(least), most === '' ? Infinity : Number(most)]
}

function assertionOf(part: string): State['holds'] {
  if (part === '^') return (before) => before === undefined
  if (part === '$') return (_, after) => after === undefined
  if (part === '\\b') return (before, after) => isWord(before) !== isWord(after)
  if (part === '\\B') return (before, after) => isWord(before) === isWord(after)
  return undefined
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^\w$/.test(character)
}

function characterOf(part: string): (character: string) => boolean {
  if (part === '.') return (character) => !/^[\n\r\u2028\u2029]$/.test(character)
  if (/^\\[1-9k]/.test(part)) throw new Refused('refers back, which is not supported')
  if (part.length === 1 || !/^[\\[]/.test(part)) return (character) => character === part
  const single = new RegExp(`^${part}$`, 'su')
  return (character) => single.test(character)
}
