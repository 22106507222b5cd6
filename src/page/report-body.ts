/** Turns the Markdown of a report into the tree of its page's main part. */
import type { Element, ElementContent, Root } from 'hast'
import { toString } from 'hast-util-to-string'
import { h } from 'hastscript'
import rehypeSanitize from 'rehype-sanitize'
import rehypeSlug from 'rehype-slug'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'
import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits } from '../errors/limits.ts'
import { addressCharacters } from '../markdown/link-addresses.ts'
import { parseMarkdown } from '../markdown/markdown.ts'
import type { Words } from '../templates/words.ts'
import { allowedHtml } from './allowed-html.ts'
import { inlineSvg, svgTags } from './inline-svg.ts'
import { resolveLinks, type ResolveLink } from './links.ts'
import { replaceRawHtml } from './raw-html.ts'
import { prepareTables } from './tables.ts'

export type PageWords = Words<'page'>

/** Resolves what a report refers to: its links and its pictures. */
export interface References {
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
  { resolve, read }: References,
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

/** Throws `ExpError` if the links would repeat their addresses so often that the page would fill the memory. */
function toHtml(markdown: string, words: PageWords): Root {
  const tree = parseMarkdown(markdown)
  const { linkAddresses } = limits
  const characters = addressCharacters(tree)
  if (characters > linkAddresses.max)
    throw new ExpError(
      'invalid-input',
      `the Markdown has ${beyond(linkAddresses, characters)}`,
      linkAddresses.remedy,
    )
  return unified()
    .use(remarkRehype, {
      allowDangerousHtml: true, // as `raw` nodes, which `replaceRawHtml` replaces
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
    .runSync(tree)
}

const alertKinds = ['note', 'tip', 'important', 'warning', 'caution'] as const
type AlertKind = (typeof alertKinds)[number]

/**
 * Marks alerts as GitHub does: a quote whose first line is for example `[!WARNING]`.
 * @param title returns the title of an alert
 */
function markAlerts(root: Root, title: (kind: AlertKind) => string): void {
  visit(root, 'element', (quote) => {
    const kind = quote.tagName === 'blockquote' ? removeAlertLine(quote) : undefined
    if (kind === undefined) return
    quote.tagName = 'div'
    quote.properties = { className: ['alert', `alert-${kind}`], role: 'note' }
    quote.children.unshift(h('p', { className: 'alert-title' }, title(kind)))
  })
}

/** Removes the line that names the alert's kind, and returns the kind; undefined if the quote is not an alert. */
function removeAlertLine(quote: Element): AlertKind | undefined {
  const first = quote.children.find((child) => child.type === 'element')
  const start = first?.tagName === 'p' ? first.children[0] : undefined
  if (first === undefined || start?.type !== 'text') return undefined
  const [line, name = ''] = /^\s*\[!([A-Za-z]+)\][ \t]*(?:\n|$)/.exec(start.value) ?? []
  const kind = alertKinds.find((one) => one === name.toLowerCase())
  if (line === undefined || kind === undefined) return undefined
  start.value = start.value.slice(line.length)
  if (start.value === '') first.children.shift()
  const [next] = first.children
  if (next?.type === 'element' && next.tagName === 'br') first.children.shift()
  if (first.children.length === 0) quote.children = quote.children.filter((one) => one !== first)
  return kind
}

/**
 * Prepares blocks of code: long lines scroll inside the block, and the lines of a diff show what is added and removed.
 * @param label the name of a block, for screen readers
 */
function prepareCode(root: Root, label: string): void {
  visit(root, 'element', (block) => {
    if (block.tagName !== 'pre') return
    block.properties = { ...block.properties, tabIndex: 0, role: 'group', ariaLabel: label }
    const code = block.children.find((child) => child.type === 'element')
    if (code !== undefined && isDiff(code)) code.children = diffLines(toString(code))
  })
}

function isDiff({ tagName, properties: { className } }: Element): boolean {
  return tagName === 'code' && Array.isArray(className) && className.includes('language-diff')
}

const marks: Readonly<Record<string, 'ins' | 'del'>> = { '+': 'ins', '-': 'del' }

function diffLines(text: string): ElementContent[] {
  const lines = text.replace(/\n$/, '').split('\n')
  return lines.map((line) => {
    const mark = marks[line.slice(0, 1)]
    const value = `${line}\n`
    return mark === undefined ? { type: 'text', value } : h(mark, value)
  })
}

/** The bytes of a picture that the report names; undefined if it is not stored in the project. */
type ReadPicture = (address: string) => Buffer | undefined

const mediaTypes: Readonly<Record<string, string>> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

/**
 * Embeds the pictures of a report into its page, which loads no other file. A picture that is not stored in the project
 * is replaced by its text alternative.
 */
function embedPictures(root: Root, read: ReadPicture): void {
  let tags = 0
  visit(root, 'element', (image, index, parent) => {
    if (image.tagName !== 'img' || parent === undefined || index === undefined) return
    const address = image.properties['src'] ?? ''
    const [, extension = ''] = /\.([a-z]+)$/.exec(address) ?? []
    const type = mediaTypes[extension]
    const bytes = type === undefined ? undefined : read(address)
    if (type === undefined || bytes === undefined) {
      parent.children[index] = withoutPicture(image)
      return
    }
    const svg = type === 'image/svg+xml' ? bytes.toString('utf8') : undefined
    const chart = svg && inlineSvg(svg, limits.pageChartTags.max - tags)
    if (chart) {
      tags += svgTags(svg)
      const { alt } = image.properties
      if (alt !== undefined) chart.properties['ariaLabel'] = alt
      parent.children[index] = chart
      return
    }
    image.properties['src'] = `data:${type};base64,${bytes.toString('base64')}`
    image.properties['className'] = ['picture']
  })
}

function withoutPicture({ properties }: Element): Element {
  return h('span', { className: 'missing' }, properties['alt'] ?? properties['src'] ?? '')
}
