/** `analysis`: the Markdown that the experiment's author writes, and that a report shows unchanged. */
import type { Heading } from 'mdast'
import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits } from '../errors/limits.ts'
import { everyNode } from '../markdown/markdown.ts'
import { findMarkupProblem } from '../markdown/markup-problem.ts'
import { parseStructure } from '../markdown/structure.ts'

/** The level of the heading above the author's text. */
const sectionLevel = 2

/**
 * The text with its headings demoted, so that the highest is one level below the heading of its section.
 * @throws `ExpError('invalid-input')` if it is too large, leaves a fence, a comment or a tag open, or has a marker of a
 *   keep block
 */
export function authorAnalysis(source: string): string {
  // Not `trim`, which would also remove non-ASCII spaces and could thereby turn text into HTML.
  const text = source.replace(/^(?:[ \t]*\r?\n)+/, '').trimEnd()
  const limit = limits.prose
  if (Buffer.byteLength(text) > limit.max)
    throw new ExpError(
      'invalid-input',
      `\`analysis\` has ${beyond(limit, Buffer.byteLength(text))}`,
      limit.remedy,
    )
  const problem = findMarkupProblem(text)
  if (problem !== undefined)
    throw new ExpError(
      'invalid-input',
      `\`analysis\`, line ${problem.line}: the ${problem.construct} ${problem.problem}`,
      problem.remedy ??
        'close every fence, comment and tag that it opens, so that it cannot change the rest of the report',
    )
  if (/<!--\s*exp:/.test(text))
    throw new ExpError(
      'invalid-input',
      '`analysis` contains a marker `<!-- exp:… -->`',
      'remove the marker: keep blocks belong in templates',
    )
  return demoteHeadings(text)
}

function demoteHeadings(text: string): string {
  const headings = [...everyNode(parseStructure(text))].filter((node) => node.type === 'heading')
  const highest = headings.reduce((least, { depth }) => Math.min(least, depth), Infinity)
  const by = sectionLevel + 1 - highest
  if (headings.length === 0 || by <= 0) return text
  const parts: string[] = []
  let end = 0
  for (const heading of headings) {
    const { start, end: next } = heading.position ?? {}
    if (start?.offset === undefined || next?.offset === undefined) continue
    parts.push(
      text.slice(end, start.offset),
      demote(text.slice(start.offset, next.offset), heading, by),
    )
    end = next.offset
  }
  return parts.join('') + text.slice(end)
}

/** Writes the heading in ATX form, `by` levels deeper, down to level 6. */
function demote(written: string, { depth }: Heading, by: number): string {
  const marks = '#'.repeat(Math.min(6, depth + by))
  if (written.startsWith('#')) return `${marks} ${written.replace(/^#+[ \t]*/, '')}`
  // A heading with an underline: the last line is the underline.
  const lines = written.split('\n').slice(0, -1)
  return `${marks} ${lines.map((line) => line.trim()).join(' ')}`
}
