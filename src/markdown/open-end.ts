/** Whether a piece of Markdown leaves something open that would swallow the text after it. */
import type { Html } from 'mdast'
import { everyNode, parseMarkdown } from './markdown.ts'

export interface OpenEnd {
  /** As people call it: `code fence`, `comment`, `tag`, `HTML`, or an element's tag in backticks. */
  readonly what: string
  readonly problem: 'is not closed' | 'closes nothing'
  /** Line in the text that opens it, from 1. */
  readonly line: number
}

/**
 * What the text leaves open: a code fence, a comment, HTML that runs on to the end of the document (`<script>`,
 * `<pre>`, …), or an element that would take in what comes after it; nothing where it closes all that it opens.
 */
export function openEnd(text: string): OpenEnd | undefined {
  // Nothing else opens anything; most texts need no parser.
  if (!/[`~<]/.test(text)) return undefined
  const html = [...everyNode(parseMarkdown(text))].filter((node) => node.type === 'html')
  const comment = html.find(({ value }) => withoutComments(value).includes('<!--'))
  if (comment) return notClosed('comment', lineOf(comment))
  const tag = html.find(({ value }) => /<\/?[A-Za-z][^>]*$/.test(withoutComments(value)))
  if (tag) return notClosed('tag', lineOf(tag))
  return swallowing(text) ?? openTag(html)
}

const sentinel = 'exp-sentinel'

/** A block that does not end where the text does. */
function swallowing(text: string): OpenEnd | undefined {
  const { children } = parseMarkdown(`${text}\n<!-- end -->\n\n${sentinel}\n`)
  const last = children.at(-1)
  const [only] = last?.type === 'paragraph' ? last.children : []
  if (!last || (only?.type === 'text' && only.value === sentinel)) return undefined
  return notClosed(last.type === 'code' ? 'code fence' : 'HTML', lineOf(last))
}

/** Elements that GitHub keeps and whose end nothing implies. Any other `<name>` is a word to it, as in `Map<T>`. */
const closedByHand: ReadonlySet<string> = new Set(
  (
    'a b blockquote center code del details div dl em h1 h2 h3 h4 h5 h6 i ins kbd mark ol pre q s samp small strike strong ' +
    'sub summary sup table tt ul var'
  ).split(' '),
)

/** The first tag that is opened and not closed, or closed and not opened. */
function openTag(html: readonly Html[]): OpenEnd | undefined {
  const open: { readonly name: string; readonly line: number }[] = []
  const tags = html.flatMap((node) =>
    [...withoutComments(node.value).matchAll(/<(\/?)([A-Za-z][\w-]*)[^>]*>/g)].map(
      ([, closing = '', name = '']) => ({ closing, name: name.toLowerCase(), line: lineOf(node) }),
    ),
  )
  for (const { closing, name, line } of tags) {
    if (!closedByHand.has(name)) continue
    if (closing === '') open.push({ name, line })
    else if (open.at(-1)?.name === name) open.pop()
    else return { what: `\`</${name}>\``, problem: 'closes nothing', line }
  }
  const [first] = open
  return first && notClosed(`\`<${first.name}>\``, first.line)
}

function notClosed(what: string, line: number): OpenEnd {
  return { what, problem: 'is not closed', line }
}

function withoutComments(html: string): string {
  return html.replaceAll(/<!--[^]*?-->/g, '')
}

function lineOf(node: { readonly position?: Html['position'] }): number {
  return node.position?.start.line ?? 1
}
