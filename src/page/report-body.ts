/** Turns the Markdown of a report into the tree of its page's main part. */
import type { Element, Root } from 'hast'
import { toString } from 'hast-util-to-string'
import rehypeSanitize from 'rehype-sanitize'
import rehypeSlug from 'rehype-slug'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { parseMarkdown } from '../markdown/markdown.ts'
import type { Words } from '../templates/words.ts'
import { markAlerts } from './alerts.ts'
import { allowedHtml } from './allowed-html.ts'
import { prepareCode } from './code.ts'
import { resolveLinks, type ResolveLink } from './links.ts'
import { embedPictures, type ReadPicture } from './pictures.ts'
import { replaceRawHtml } from './raw-html.ts'
import { prepareTables } from './tables.ts'

export type PageWords = Words<'page'>

/** What a report refers to, for the readers of its page. */
export interface Surroundings {
  readonly resolve: ResolveLink
  readonly read: ReadPicture
}

export interface ReportBody {
  readonly root: Root
  /** The text of the first heading; empty without a heading. */
  readonly title: string
  /** The headings of the sections, in order. */
  readonly sections: readonly { readonly id: string; readonly title: string }[]
}

export function reportBody(
  markdown: string,
  { resolve, read }: Surroundings,
  words: PageWords,
): ReportBody {
  const root = toHtml(markdown, words)
  markAlerts(root, (kind) => words.text(`alert.${kind}`))
  prepareTables(root, (number) => words.text('table', { number }))
  prepareCode(root, words.text('code'))
  embedPictures(root, read)
  resolveLinks(root, resolve)
  const headings = root.children.filter((node) => node.type === 'element')
  const first = headings.find(({ tagName }) => tagName === 'h1')
  return {
    root,
    title: first === undefined ? '' : toString(first),
    sections: headings.flatMap(sectionOf),
  }
}

function sectionOf(element: Element): readonly { readonly id: string; readonly title: string }[] {
  const { id } = element.properties
  return element.tagName === 'h2' && typeof id === 'string'
    ? [{ id, title: toString(element) }]
    : []
}

function toHtml(markdown: string, words: PageWords): Root {
  const parsed = unified()
    .use(remarkRehype, {
      allowDangerousHtml: true, // kept as nodes of their own, which the next step reads
      footnoteLabel: words.text('footnotes'),
      footnoteBackContent: '↩',
      footnoteBackLabel: (note, reference) =>
        words.text('footnoteBack', {
          number: reference > 1 ? `${note + 1}-${reference}` : note + 1,
        }),
    })
    .use(() => replaceRawHtml)
    .use(rehypeSanitize, allowedHtml)
    .use(rehypeSlug)
    .runSync(parseMarkdown(markdown))
  return parsed
}
