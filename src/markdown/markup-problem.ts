/** Finds Markdown constructs that are not closed, such as a code fence. They would swallow the text that follows. */
import type { Html, Root } from 'mdast'
import { everyNode } from './markdown.ts'
import { findSlowProse, parseStructure } from './structure.ts'

export interface MarkupProblem {
  /** The construct, as messages name it: `code fence`, `comment`, `tag`, `HTML`, or an element's tag in backticks. */
  readonly construct: string
  /** `is not closed`, `closes nothing`, or why it is too large. */
  readonly problem: string
  /** The line that opens it, from 1. */
  readonly line: number
  /** What to do; by default, close what is open. */
  readonly remedy?: string
}

/**
 * Returns the first part that is too large to parse, or the first construct that is not closed: a code fence, a
 * comment, or an HTML element such as `<script>` or `<details>`. Returns `undefined` if the text has no such problem.
 */
export function findMarkupProblem(text: string): MarkupProblem | undefined {
  const slow = findSlowProse(text)
  if (slow) return slow
  // Only a fence or a tag can stay open beyond its paragraph; most texts have neither and need no parser.
  const lines = text.split('\n')
  if (!lines.some((line) => /`{3}|~{3}|</.test(line) && !isComment(line))) return undefined
  const root = parseStructure(text + afterText)
  const html = [...everyNode(root)]
    .filter((node) => node.type === 'html')
    .map((node) => withinText(node, text.length))
  const comment = html.find(({ value }) => withoutComments(value).includes('<!--'))
  if (comment) return notClosed('comment', lineOf(comment))
  const tag = html.find(({ value }) => {
    const clean = withoutComments(value)
    return /<\/?[A-Za-z]/.test(clean.slice(clean.lastIndexOf('>') + 1))
  })
  if (tag) return notClosed('tag', lineOf(tag))
  return openBlock(root) ?? openTag(html)
}

/** True for a line that is one whole comment, such as the hint in an empty keep block: nothing in it can stay open. */
function isComment(line: string): boolean {
  const text = line.trimEnd()
  return text.startsWith('<!--') && text.indexOf('-->', 4) === text.length - 3
}

const sentinel = 'exp-sentinel'
/**
 * Appended to the text before it is parsed. A block that is still open at the end of the text swallows the sentinel,
 * which is then not the last paragraph.
 */
const afterText = `\n<!-- end -->\n\n${sentinel}\n`

/** The part of an HTML node that belongs to a text of this length. */
function withinText(node: Html, length: number): Html {
  const beyond = (node.position?.end.offset ?? 0) - length
  return beyond > 0 ? { ...node, value: node.value.slice(0, -beyond) } : node
}

/** Finds a block that is still open at the end of the text. */
function openBlock({ children }: Root): MarkupProblem | undefined {
  const last = children.at(-1)
  const [child] = last?.type === 'paragraph' ? last.children : []
  if (!last || (child?.type === 'text' && child.value === sentinel)) return undefined
  return notClosed(last.type === 'code' ? 'code fence' : 'HTML', lineOf(last))
}

/** Elements that GitHub renders and that need an end tag. It shows any other `<name>` as text, as in `Map<T>`. */
const needEndTag: ReadonlySet<string> = new Set(
  (
    'a b blockquote center code del details div dl em h1 h2 h3 h4 h5 h6 i ins kbd mark ol pre q s samp small strike strong ' +
    'sub summary sup table tt ul var'
  ).split(' '),
)

/** Finds the first tag that is opened but not closed, or closed but not opened. */
function openTag(html: readonly Html[]): MarkupProblem | undefined {
  const open: { readonly name: string; readonly line: number }[] = []
  const tags = html.flatMap((node) =>
    tagsIn(withoutComments(node.value)).map((tag) => ({ ...tag, line: lineOf(node) })),
  )
  for (const { isEnd, name, line } of tags) {
    if (!needEndTag.has(name)) continue
    if (!isEnd) open.push({ name, line })
    else if (open.at(-1)?.name === name) open.pop()
    else return { construct: `\`</${name}>\``, problem: 'closes nothing', line }
  }
  const [first] = open
  return first && notClosed(`\`<${first.name}>\``, first.line)
}

/** The tags of a text. Takes linear time; a single pattern for a whole tag would not. */
function tagsIn(text: string): readonly { readonly isEnd: boolean; readonly name: string }[] {
  const start = /<(\/?)([A-Za-z][\w-]*)/g
  const tags = []
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const end = text.indexOf('>', start.lastIndex)
    if (end < 0) break
    const [, slash, name = ''] = match
    tags.push({ isEnd: slash === '/', name: name.toLowerCase() })
    start.lastIndex = end
  }
  return tags
}

function notClosed(construct: string, line: number): MarkupProblem {
  return { construct, problem: 'is not closed', line }
}

/** The text without its comments; an unclosed comment remains. */
function withoutComments(html: string): string {
  const parts: string[] = []
  let from = 0
  for (;;) {
    const start = html.indexOf('<!--', from)
    const end = start < 0 ? -1 : html.indexOf('-->', start + 4)
    if (end < 0) return parts.join('') + html.slice(from)
    parts.push(html.slice(from, start))
    from = end + 3
  }
}

function lineOf(node: { readonly position?: Html['position'] }): number {
  return node.position?.start.line ?? 1
}
