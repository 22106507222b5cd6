/**
 * Parses the structure of Markdown that a stranger may have written: blocks, code and HTML. Does not parse emphasis and
 * links, which would take quadratic time.
 */
import type { Root } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified, type Processor } from 'unified'
import { beyond, limits } from '../errors/limits.ts'
import { lineBeyondTableCells } from './table-cells.ts'

/** The syntax within a line that the parser must treat as text, by the parser's own names. */
const asText = [
  'attention',
  'autolink',
  'characterReference',
  'labelStartLink',
  'labelStartImage',
  'labelEnd',
  'strikethrough',
  'wwwAutolink',
  'protocolAutolink',
  'emailAutolink',
  'gfmFootnoteCall',
  'gfmPotentialFootnoteCall',
]

const processor = unified().use(remarkParse).use(remarkGfm).use(blocksOnly).freeze()

function blocksOnly(this: Processor): void {
  const data = this.data()
  data.micromarkExtensions?.push({ disable: { null: asText } })
  data.fromMarkdownExtensions = []
}

/** The blocks, the code and the HTML of a text. Tables and footnotes are not nodes; their content is. */
export function parseStructure(text: string): Root {
  return processor.parse(text)
}

/** A part of a text whose parsing would take too long, or would overflow the stack. */
export interface SlowProse {
  readonly construct: 'text' | 'line' | 'paragraph'
  readonly problem: string
  readonly remedy: string
  /** From 1. */
  readonly line: number
}

/**
 * The first part of prose that is too large; undefined if `parseStructure` can parse the text. Takes linear time. For
 * the parser of whole reports, see `findSlowReport`.
 */
export function findSlowProse(text: string): SlowProse | undefined {
  const { markdownDepth, proseLines, paragraphMarkup, tableCells } = limits
  const lines = text.split('\n')
  if (lines.length > proseLines.max)
    return slowProse('text', `has ${beyond(proseLines, lines.length)}`, proseLines.remedy, 1)
  const tooManyCells = lineBeyondTableCells(lines)
  if (tooManyCells !== undefined)
    return slowProse(
      'line',
      `has more than ${tableCells.max} ${tableCells.unit}`,
      tableCells.remedy,
      tooManyCells,
    )
  let start = 1
  let paragraph: string[] = []
  let work = 0
  for (const [index, line] of [...lines, ''].entries()) {
    const levels = countContainers(line)
    if (levels > markdownDepth.max)
      return slowProse(
        'line',
        `nests more than ${markdownDepth.max} ${markdownDepth.unit}`,
        markdownDepth.remedy,
        index + 1,
      )
    if (line.trim() !== '') {
      if (paragraph.length === 0) start = index + 1
      paragraph.push(line)
      continue
    }
    work += charactersToSearch(paragraph.join('\n'))
    if (work > paragraphMarkup.max)
      return slowProse('paragraph', paragraphMarkup.problem, paragraphMarkup.remedy, start)
    paragraph = []
  }
  return undefined
}

function slowProse(
  construct: SlowProse['construct'],
  problem: string,
  remedy: string,
  line: number,
): SlowProse {
  return { construct, problem, remedy, line }
}

/** How many quotes, list items and footnotes begin in a line, each inside the one before. */
export function countContainers(line: string): number {
  const marker = /[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])|\[\^[^\]\s]*\]:)/y
  let count = 0
  while (marker.test(line)) count += 1
  return count
}

/**
 * How many characters the parser may read: for each start of code or of a comment, it searches all following text for
 * the end.
 */
function charactersToSearch(paragraph: string): number {
  const starts = paragraph.match(/`+|<[!?]/g)?.length ?? 0
  return starts * paragraph.length
}
