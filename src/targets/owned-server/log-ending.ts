/** The end of a log, fit for a sentence. */
import { withoutPaths } from '../evidence/runner-command.ts'

const lines = 6
const longestLine = 200

/** Requests, frames of a stack, and lines of brackets alone. */
const saysNothing = /\[GIN\] |^at |^[\s()[\]{},;^]*$/

/** The last lines that say something, without paths and control codes: `; its log ends: … / …`, or nothing. */
export function logEnding(text: string): string {
  const said = text
    .split('\n')
    .map(clean)
    .filter((line) => !saysNothing.test(line))
    .slice(-lines)
  return said.length === 0 ? '' : `; its log ends: ${said.join(' / ')}`
}

function clean(line: string): string {
  const plain = line

    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')

    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/^(\S+ \| )?time=\S+ /, '')
    .trim()
  const shown = withoutPaths(plain)
  return shown.length <= longestLine ? shown : `${shown.slice(0, longestLine - 1)}…`
}
