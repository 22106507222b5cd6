/** Whether a piece of Markdown leaves something open that would swallow the text after it. */
import type { Html, Root, RootContent } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'

const parser = unified().use(remarkParse).use(remarkGfm).freeze()
const sentinel = 'sentinel'

export interface OpenEnd {
  readonly what: 'fence' | 'comment' | 'HTML'
  /** Line in the body that opens it, from 1. */
  readonly line: number
}

/**
 * What the body leaves open: a code fence, an HTML comment, or HTML that runs on to the end of the document
 * (`<script>`, `<pre>`, …); nothing where it closes all that it opens.
 */
export function openEnd(body: Buffer): OpenEnd | undefined {
  const text = body.toString('utf8')
  // Nothing else opens anything; most bodies need no parser.
  if (!/[`~<]/.test(text)) return undefined
  const comment = htmlOf(parser.parse(text)).find((html) =>
    html.value.replaceAll(/<!--[^]*?-->/g, '').includes('<!--'),
  )
  if (comment) return { what: 'comment', line: lineOf(comment) }
  const followed = parser.parse(`${text}\n<!-- end -->\n\n${sentinel}\n`)
  const last = followed.children.at(-1)
  if (!last || isSentinel(last)) return undefined
  return { what: last.type === 'code' ? 'fence' : 'HTML', line: lineOf(last) }
}

function isSentinel(node: RootContent): boolean {
  const [only] = node.type === 'paragraph' ? node.children : []
  return only?.type === 'text' && only.value === sentinel
}

function htmlOf(node: Root | RootContent): readonly Html[] {
  if (node.type === 'html') return [node]
  return 'children' in node ? node.children.flatMap((child) => htmlOf(child)) : []
}

function lineOf(node: RootContent): number {
  return node.position?.start.line ?? 1
}
