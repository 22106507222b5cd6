/**
 * Pages that people read in a browser.
 *
 * Input: the Markdown of reports, their locks, and the words of a locale. Output: one HTML file per page, which
 * contains its style, script and pictures. A page loads nothing else, works when opened as a file, and has the same
 * bytes for the same input. The HTML of reports passes an allow-list. Model output is text in the report and stays
 * text.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Element, ElementContent, Root } from 'hast'
import { h } from 'hastscript'
import rehypeStringify from 'rehype-stringify'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'
import type { Locale } from '../format/locales.generated.ts'
import { printable } from '../format/plain-text.ts'
import type { ReportBody } from './report-body.ts'
import type { PageWords } from './report-body.ts'

/** The texts of the style and of the script that are in every page. */
export interface PageAssets {
  readonly style: string
  readonly script: string
}

export interface Page {
  readonly locale: Locale
  readonly title: string
  readonly main: readonly ElementContent[]
  /** The sections that the list of contents names; none for a page without such a list. */
  readonly sections: ReportBody['sections']
  /** Links in the bar at the top. */
  readonly barLinks: readonly PageLink[]
  /** The same page in other languages. */
  readonly languages: readonly (PageLink & { readonly locale: Locale })[]
}

export interface PageLink {
  readonly text: string
  readonly address: string
  readonly isCurrent?: boolean
}

/** Elements whose text is this program's own code, which must not change. */
const codeElements: ReadonlySet<string> = new Set(['script', 'style'])

const generator = 'exp-notebook'

/** True for a page that this program wrote, and may overwrite. */
export function isGeneratedPage(html: string): boolean {
  return (
    html.startsWith('<!doctype html>') &&
    html.includes(`<meta name="generator" content="${generator}">`)
  )
}

export function pageHtml(page: Page, words: PageWords, { style, script }: PageAssets): string {
  const policy = `default-src 'none'; img-src data:; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`
  const hasContents = page.sections.length > 1
  const root: Root = {
    type: 'root',
    children: [
      { type: 'doctype' },
      h('html', { lang: page.locale }, [
        h('head', [
          h('meta', { charSet: 'utf-8' }),
          h('meta', { httpEquiv: 'Content-Security-Policy', content: policy }),
          h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
          h('meta', { name: 'referrer', content: 'no-referrer' }),
          h('meta', { name: 'color-scheme', content: 'light dark' }),
          h('meta', { name: 'generator', content: generator }),
          h('title', page.title),
          h('link', { rel: 'icon', href: 'data:,' }),
          h('style', style),
        ]),
        h('body', [
          h('a', { className: 'skip', href: '#main' }, words.text('skip')),
          ...bar(page, words),
          h('div', { className: hasContents ? 'layout with-contents' : 'layout' }, [
            ...(hasContents ? [contents(page, words)] : []),
            h('main', { id: 'main', tabIndex: -1 }, [...page.main]),
          ]),
          h('script', { type: 'module' }, script),
        ]),
      ]),
    ],
  }
  visit(root, 'text', (node, _, parent) => {
    const isCode = parent?.type === 'element' && codeElements.has(parent.tagName)
    if (!isCode) node.value = printable(node.value)
  })
  return stringify(root)
}

/** Surrounds the number of a picture until the page is text. It is random, so that no other text can contain it. */
const pictureMark = randomUUID()

/**
 * The text of the page. The pictures are put into it at the end: the writer copies the text of each element once for
 * each element around it.
 */
function stringify(root: Root): string {
  const pictures: string[] = []
  visit(root, 'element', ({ tagName, properties }) => {
    const { src } = properties
    if (tagName !== 'img' || src?.startsWith('data:') !== true) return
    properties['src'] = pictureMark + String(pictures.push(src) - 1) + pictureMark
  })
  const parts = unified().use(rehypeStringify).stringify(root).split(pictureMark)
  const html = parts.map((part, index) => (index % 2 === 0 ? part : (pictures[Number(part)] ?? '')))
  return `${html.join('')}\n`
}

/**
 * Groups the nodes of a report into sections, each starting at a second-level heading, a rule or the section of
 * footnotes. The first one is the lead.
 */
export function inSections({ children }: Root): readonly ElementContent[] {
  const nodes = children.filter((node) => node.type !== 'doctype')
  const main: ElementContent[] = []
  let section: Element | undefined
  for (const node of nodes) {
    if (node.type === 'element' && startsSection(node)) {
      section =
        section === undefined && node.tagName === 'h2'
          ? h('section', { className: 'lead' })
          : h('section')
      main.push(section)
    }
    ;(section?.children ?? main).push(node)
  }
  return main
}

function startsSection({ tagName }: Element): boolean {
  return tagName === 'h2' || tagName === 'hr' || tagName === 'section'
}

function bar({ barLinks, languages }: Page, words: PageWords): readonly Element[] {
  if (barLinks.length + languages.length === 0) return []
  const list = (links: readonly PageLink[], className?: string) =>
    links.length === 0
      ? []
      : [
          h(
            'ul',
            { className },
            links.map((link) => h('li', linkTo(link))),
          ),
        ]
  return [
    h('nav', { className: 'bar', ariaLabel: words.text('notebook') }, [
      ...list(barLinks),
      ...list(languages, 'end'),
    ]),
  ]
}

function linkTo(link: PageLink & { readonly locale?: Locale }): Element {
  const { text, address, isCurrent = false, locale } = link
  return h(
    'a',
    {
      href: address,
      ...(isCurrent && { ariaCurrent: 'page' }),
      ...(locale !== undefined && { lang: locale, hrefLang: locale }),
    },
    text,
  )
}

function contents({ sections }: Page, words: PageWords): Element {
  return h('details', { className: 'contents' }, [
    h('summary', words.text('contents')),
    h('nav', { ariaLabel: words.text('contents') }, [
      h(
        'ol',
        sections.map(({ id, title }) =>
          h('li', h('a', { href: `#${encodeURIComponent(id)}` }, title)),
        ),
      ),
    ]),
  ])
}

/** The source expression of a Content-Security-Policy that allows exactly this text. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
