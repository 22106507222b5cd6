/**
 * Turns the raw HTML in Markdown into elements, by an allow-list. Everything else stays text, so that readers see what
 * was written. Takes linear time and limits nesting, unlike a full HTML parser.
 */
import { decodeNamedCharacterReference } from 'decode-named-character-reference'
import type { Element, ElementContent, Parents, Properties, Root, RootContent } from 'hast'
import { inlineElements } from './allowed-html.ts'

/** Elements that hold blocks. They are recognised only between blocks, not within a line of text. */
const blockNames: ReadonlySet<string> = new Set(['details', 'summary', 'div', 'p', 'center'])
const inlineNames: ReadonlySet<string> = new Set(inlineElements)
const emptyNames: ReadonlySet<string> = new Set(['br', 'img'])

/** The attributes that are read, by element. The schema of `allowed-html.ts` decides about their values. */
const attributeNames: Readonly<Record<string, readonly string[]>> = {
  details: ['open'],
  a: ['href', 'title'],
  img: ['src', 'alt', 'title', 'width', 'height'],
}

/** The maximum nesting of raw HTML elements. Deeper tags stay text. */
const maxDepth = 20

/** Replaces every `raw` node in the tree. */
export function replaceRawHtml(root: Root): void {
  replaceIn(root, true)
}

function replaceIn(parent: Parents, holdsBlocks: boolean): void {
  const children: readonly (RootContent | ElementContent)[] = parent.children
  for (const child of children)
    if (child.type === 'element') replaceIn(child, blockParents.has(child.tagName))
  if (!children.some(({ type }) => type === 'raw')) return
  const builder = new Builder(holdsBlocks)
  for (const child of children) {
    if (child.type === 'raw') builder.addHtml(child.value)
    else if (child.type !== 'doctype') builder.add(child)
  }
  parent.children = builder.content
}

const blockParents: ReadonlySet<string> = new Set(['blockquote', 'li', 'td', 'th', 'section'])

/**
 * Builds the children of one node. A start tag opens an element, which ends at its end tag or with the node.
 */
class Builder {
  readonly content: ElementContent[] = []
  readonly #open: Element[] = []
  readonly #holdsBlocks: boolean

  constructor(holdsBlocks: boolean) {
    this.#holdsBlocks = holdsBlocks
  }

  add(node: ElementContent): void {
    ;(this.#open.at(-1)?.children ?? this.content).push(node)
  }

  addHtml(html: string): void {
    for (const part of partsOf(html)) {
      if (part.kind === 'text') this.#addText(part.source)
      else if (part.kind === 'start') this.#start(part)
      else this.#end(part)
    }
  }

  #addText(source: string): void {
    const value = decoded(source)
    if (value !== '') this.add({ type: 'text', value })
  }

  #start({ name, attributes, source }: Tag): void {
    const isKnown = inlineNames.has(name) || (this.#holdsBlocks && blockNames.has(name))
    if (!isKnown || this.#open.length >= maxDepth) {
      this.add({ type: 'text', value: source })
      return
    }
    const properties = propertiesOf(attributes, attributeNames[name] ?? [])
    const element: Element = { type: 'element', tagName: name, properties, children: [] }
    this.add(element)
    if (!emptyNames.has(name)) this.#open.push(element)
  }

  #end({ name, source }: Tag): void {
    const at = this.#open.findLastIndex(({ tagName }) => tagName === name)
    if (at >= 0) this.#open.length = at
    else this.add({ type: 'text', value: source })
  }
}

interface Tag {
  readonly kind: 'start' | 'end'
  readonly name: string
  readonly attributes: string
  readonly source: string
}
type Part = Tag | { readonly kind: 'text'; readonly source: string }

/** Splits raw HTML into tags and texts, without its comments. */
function* partsOf(html: string): Generator<Part> {
  let from = 0
  while (from < html.length) {
    const start = html.indexOf('<', from)
    if (start > from) yield { kind: 'text', source: html.slice(from, start) }
    if (start < 0) {
      if (from < html.length) yield { kind: 'text', source: html.slice(from) }
      return
    }
    if (html.startsWith('<!--', start)) {
      const end = html.indexOf('-->', start + 4)
      if (end < 0) return
      from = end + 3
      continue
    }
    const end = html.indexOf('>', start)
    const source = end < 0 ? html.slice(start) : html.slice(start, end + 1)
    yield tagOf(source) ?? { kind: 'text', source }
    from = start + source.length
  }
}

function tagOf(source: string): Tag | undefined {
  const [, slash, name, attributes = ''] =
    /^<(\/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)>$/.exec(source) ?? []
  if (name === undefined) return undefined
  return { kind: slash === '/' ? 'end' : 'start', name: name.toLowerCase(), attributes, source }
}

function propertiesOf(attributes: string, known: readonly string[]): Properties {
  const properties: Properties = {}
  for (const [, name = '', double, single, bare] of attributes.matchAll(
    /([A-Za-z-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?/g,
  )) {
    const key = name.toLowerCase()
    if (!known.includes(key)) continue
    const value = double ?? single ?? bare
    properties[key] = value === undefined ? true : decoded(value)
  }
  return properties
}

/** The text with its character references, such as `&amp;`, replaced. */
function decoded(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));/g,
    (source, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
      if (name !== undefined) return decodeNamedCharacterReference(name) || source
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      const isCharacter = code > 31 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      return isCharacter ? String.fromCodePoint(code) : source
    },
  )
}
