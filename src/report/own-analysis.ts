/** The experimenter's own Markdown: it stands in a report as it is, headings demoted below ours. */
import type { Heading, Root } from 'mdast'
import { ExpError } from '../errors/exp-error.ts'
import { everyNode, parseMarkdown } from './markdown.ts'

/** The level of the section in which it stands. */
const sectionLevel = 2

/**
 * The text with its headings demoted so that the highest stands one level below its section.
 * Throws `ExpError` where it leaves a fence, a comment or a tag open, or holds a marker of a keep block.
 */
export function ownAnalysis(source: string): string {
  const text = source.trim()
  const open = unclosed(text)
  if (open !== undefined)
    throw new ExpError(
      'invalid-input',
      `\`analysis\` ${open}`,
      'close it, so that the rest of the report is not swallowed',
    )
  if (/<!--\s*exp:/.test(text))
    throw new ExpError(
      'invalid-input',
      '`analysis` holds a marker `<!-- exp:… -->`',
      'keep blocks belong to templates',
    )
  return demoted(text, parseMarkdown(text))
}

/**
 * What a piece of Markdown leaves open, so that text after it would not be read as it stands; undefined where it
 * closes all that it opens.
 */
export function unclosed(text: string): string | undefined {
  const sentinel = 'exp-sentinel'
  const tree = parseMarkdown(`${text}\n\n${sentinel}\n`)
  const last = tree.children.at(-1)
  const [only] = last?.type === 'paragraph' ? last.children : []
  if (only?.type !== 'text' || only.value !== sentinel)
    return 'leaves a code fence or a comment open'
  const tags = openTags(tree)
  return tags.length > 0 ? `leaves \`<${tags.join('>`, `<')}>\` open` : undefined
}

const voidTags = [
  'area',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
]

/** Names of HTML tags that are opened and not closed, or closed and not opened. */
function openTags(tree: Root): readonly string[] {
  const open: string[] = []
  const html = [...everyNode(tree)].flatMap((node) => (node.type === 'html' ? [node.value] : []))
  const tags = html
    .join('\n')
    .replace(/<!--[^]*?-->/g, '')
    .matchAll(/<(\/?)([A-Za-z][\w-]*)[^>]*?(\/?)>/g)
  for (const [, closing, name = '', selfClosing] of tags) {
    const tag = name.toLowerCase()
    if (selfClosing === '/' || voidTags.includes(tag)) continue
    if (closing !== '/') open.push(tag)
    else if (open.at(-1) === tag) open.pop()
    else return [`/${tag}`]
  }
  return open
}

function demoted(text: string, tree: Root): string {
  const headings = [...everyNode(tree)].filter((node) => node.type === 'heading')
  const highest = Math.min(...headings.map(({ depth }) => depth))
  const by = sectionLevel + 1 - highest
  if (headings.length === 0 || by <= 0) return text
  return headings.reduceRight((source, heading) => demote(source, heading, by), text)
}

/** The heading in ATX form, deeper; at most level 6. */
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
