import { createTwoFilesPatch, diffLines } from 'diff'
import { visible } from '../format/plain-text.ts'

/** A unified diff of two texts with three lines of context and without control codes; empty if they are equal. */
export function textDifference(file: string, before: Uint8Array, after: Uint8Array): string {
  const [old, current] = [before, after].map((bytes) => Buffer.from(bytes).toString('utf8'))
  if (old === undefined || current === undefined || old === current) return ''
  const patch = createTwoFilesPatch(
    `${file} (on the disk)`,
    `${file} (from the results)`,
    old,
    current,
    '',
    '',
  )
  return visible(patch.slice(patch.indexOf('---')).replaceAll('\t\n', '\n'))
}

/** The lines of `before` that are missing in `after`, with line numbers from 1, without control codes. */
export function removedLines(
  before: Uint8Array,
  after: Uint8Array,
): readonly { readonly line: number; readonly text: string }[] {
  const [old = '', current = ''] = [before, after].map((bytes) =>
    Buffer.from(bytes).toString('utf8'),
  )
  const removed: { line: number; text: string }[] = []
  let line = 1
  for (const part of diffLines(old, current)) {
    if (part.added) continue
    if (part.removed)
      for (const [at, text] of part.value.replace(/\n$/, '').split('\n').entries())
        removed.push({ line: line + at, text: visible(text) })
    line += part.count
  }
  return removed
}
