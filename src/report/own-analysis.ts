/** Checks the experimenter's own Markdown and moves its headings below the heading of its section. Changes nothing else. */
import type { Heading, Root } from 'mdast'
import { ExpError } from '../errors/exp-error.ts'
import { everyNode, parseMarkdown } from '../markdown/markdown.ts'
import { openEnd } from '../markdown/open-end.ts'

/** The heading level of the section that contains it. */
const sectionLevel = 2

/**
 * The text with its headings demoted, so that the highest is one level below the heading of its section.
 * @throws `ExpError('invalid-input')` if it leaves a fence, a comment or a tag open, or has a marker of a keep block
 */
export function ownAnalysis(source: string): string {
  const text = source.trim()
  const open = openEnd(text)
  if (open !== undefined)
    throw new ExpError(
      'invalid-input',
      `\`analysis\`, line ${open.line}: the ${open.what} ${open.problem}`,
      'close every fence, comment and tag that it opens, so that it cannot change the rest of the report',
    )
  if (/<!--\s*exp:/.test(text))
    throw new ExpError(
      'invalid-input',
      '`analysis` contains a marker `<!-- exp:… -->`',
      'remove the marker: keep blocks belong in templates',
    )
  return demoted(text, parseMarkdown(text))
}

function demoted(text: string, tree: Root): string {
  const headings = [...everyNode(tree)].filter((node) => node.type === 'heading')
  const highest = Math.min(...headings.map(({ depth }) => depth))
  const by = sectionLevel + 1 - highest
  if (headings.length === 0 || by <= 0) return text
  return headings.reduceRight((source, heading) => demote(source, heading, by), text)
}

/** Rewrites the heading in ATX form, `by` levels deeper, down to level 6. */
function demote(source: string, heading: Heading, by: number): string {
  const start = heading.position?.start.offset
  const end = heading.position?.end.offset
  if (start === undefined || end === undefined) return source
  const marks = '#'.repeat(Math.min(6, heading.depth + by))
  const written = source.slice(start, end)
  const content = written.startsWith('#')
    ? written.replace(/^#+[ \t]*/, '')
    : written.replace(/\n[ \t>]*(?:=+|-+)[ \t]*$/, '').replace(/\s*\n\s*/g, ' ')
  return `${source.slice(0, start)}${marks} ${content}${source.slice(end)}`
}
