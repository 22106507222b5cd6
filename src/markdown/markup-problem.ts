/** Finds Markdown constructs that are not closed, such as a code fence. They would swallow the text that follows. */
import type { Html } from 'mdast'
import { everyNode, parseMarkdown } from './markdown.ts'

export interface MarkupProblem {
  /** The construct, as messages name it: `code fence`, `comment`, `tag`, `HTML`, or an element's tag in backticks. */
  readonly construct: string
  readonly problem: 'is not closed' | 'closes nothing'
  /** The line that opens it, from 1. */
  readonly line: number
}

/**
 * Returns the first construct that is not closed: a code fence, a comment, or an HTML element such as `<script>` or
 * `<details>`. Returns `undefined` if everything is closed.
 */
export function findMarkupProblem(text: string): MarkupProblem | undefined {
  // Only a fence or a tag can stay open beyond its paragraph; most texts have neither and need no parser.
  if (!/`{3}|~{3}|</.test(text)) return undefined
  const html = [...everyNode(parseMarkdown(text))].filter((node) => node.type === 'html')
  const comment = html.find(({ value }) => withoutComments(value).includes('<!--'))
  if (comment) return notClosed('comment', lineOf(comment))
  const tag = html.find(({ value }) => /<\/?[A-Za-z][^>]*$/.test(withoutComments(value)))
  if (tag) return notClosed('tag', lineOf(tag))
  return openBlock(text) ?? openTag(html)
}

const sentinel = 'exp-sentinel'

/** Finds a block that does not end with the text. */
function openBlock(text: string): MarkupProblem | undefined {
  const { children } = parseMarkdown(`${text}\n<!-- end -->\n\n${sentinel}\n`)
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
    [...withoutComments(node.value).matchAll(/<(\/?)([A-Za-z][\w-]*)[^>]*>/g)].map(
      ([, closing = '', name = '']) => ({ closing, name: name.toLowerCase(), line: lineOf(node) }),
    ),
  )
  for (const { closing, name, line } of tags) {
    if (!needEndTag.has(name)) continue
    if (closing === '') open.push({ name, line })
    else if (open.at(-1)?.name === name) open.pop()
    else return { construct: `\`</${name}>\``, problem: 'closes nothing', line }
  }
  const [first] = open
  return first && notClosed(`\`<${first.name}>\``, first.line)
}

function notClosed(construct: string, line: number): MarkupProblem {
  return { construct, problem: 'is not closed', line }
}

function withoutComments(html: string): string {
  return html.replaceAll(/<!--[^]*?-->/g, '')
}

function lineOf(node: { readonly position?: Html['position'] }): number {
  return node.position?.start.line ?? 1
}
