/**
 * Patterns of `regex` checks meet text that a model wrote, and a backtracking engine can take for ever over
 * an unlucky pair. So the text is cut, and patterns that can explode are refused before anything runs.
 */

/** Only the beginning of an answer is searched. */
export const searchedCharacters = 2000

const longestPattern = 300
/** Each unbounded repeat can multiply the work by the length of the text. */
const mostRepeats = 4

/** Why the pattern cannot be used; undefined for a good one. */
export function patternRisk(pattern: string): string | undefined {
  if (pattern.length > longestPattern) return `is longer than ${longestPattern} characters`
  try {
    new RegExp(pattern, 'u')
  } catch {
    return 'is no regular expression'
  }
  if (/\\[1-9k]|\(\?<?[=!]/.test(pattern)) return 'looks around or back, which can take for ever'
  return repeatRisk(pattern)
}

/** Walks the pattern once, remembering for each open group whether it repeats or chooses within. */
function repeatRisk(pattern: string): string | undefined {
  const bare = pattern.replace(/\\[pP]\{[^}]*\}|\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x')
  const open: boolean[] = []
  let repeats = 0
  let closedRisky = false
  for (const [token] of bare.matchAll(
    /\(\??[^()]?|\)|\||[*+]\??|\{\d+,?\d*\}\??|[^()|*+{}]|[{}]/gs,
  )) {
    if (token.startsWith('(')) open.push(false)
    else if (token === ')') closedRisky = open.pop() ?? false
    else if (token === '|') markAll(open)
    else if (isRepeat(token)) {
      if (closedRisky)
        return 'repeats a group that itself repeats or chooses, which can take for ever'
      if (++repeats > mostRepeats) return `repeats without a bound more than ${mostRepeats} times`
      markAll(open)
    }
    if (token !== ')') closedRisky = false
  }
  return undefined
}

function markAll(open: boolean[]): void {
  open.fill(true)
}

/** `*`, `+`, `{2,}`, and bounded ones that are large. */
function isRepeat(token: string): boolean {
  const [, least, most] = /^\{(\d+),?(\d*)\}/.exec(token) ?? []
  if (least === undefined) return token.startsWith('*') || token.startsWith('+')
  return token.includes(',') && most === '' ? true : Math.max(Number(least), Number(most)) > 20
}
