/** Finds in a server's log why it failed. */
import { withoutPaths } from '../evidence/runner-command.ts'

const endingLines = 6
const maxLineLength = 200

/** Lines without information: requests, stack frames, and lines of brackets only. */
const uninformative = /\[GIN\] |^at |^[\s()[\]{},;^]*$/

/** Lines that say why a model was not loaded or a server ended, the most precise first. */
const telling = [
  /requires flash_attn|requires more (system )?memory|unknown model architecture/i,
  /unable to allocate|failed to allocate|out of memory/i,
  /^panic: |^fatal error: /,
  /msg="?load failed|error loading model|failed to (load|create)/i,
] as const

/** True if a text already names the reason, so that the log adds nothing. */
export function isTelling(text: string): boolean {
  return telling[0].test(text)
}

/**
 * Why a server failed, from its log, as a part of a sentence: `; its log says: …` with the most precise line, or
 * `; its log ends: … / …` with the last informative lines if no line names a reason. Without paths and control codes.
 * Empty for a log without informative lines.
 */
export function logReason(text: string): string {
  const lines = text
    .split('\n')
    .map(cleanLine)
    .filter((line) => !uninformative.test(line))
  for (const pattern of telling) {
    const line = lines.find((each) => pattern.test(each))
    if (line !== undefined) return `; its log says: ${line}`
  }
  const ending = lines.slice(-endingLines)
  return ending.length === 0 ? '' : `; its log ends: ${ending.join(' / ')}`
}

function cleanLine(line: string): string {
  const plain = line
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/^(\S+ \| )?time=\S+ /, '')
    .trim()
  const shown = withoutPaths(plain)
  return shown.length <= maxLineLength ? shown : `${shown.slice(0, maxLineLength - 1)}…`
}
