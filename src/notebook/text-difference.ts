import { createTwoFilesPatch } from 'diff'
import { visible } from '../report/plain-text.ts'

/** A unified diff of two texts, three lines of context, without control codes; empty where they are the same. */
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
