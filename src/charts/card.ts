/** Composes a chart: a card with a title, notes, a legend and panels, as the text of an SVG file. */
import { DOMParser } from 'linkedom/worker'
import { plot, type PlotOptions } from '@observablehq/plot'
import { themes } from './palette.ts'
import { textLines, textWidth } from './text-lines.ts'

/** The width of every chart. GitHub shows it in full size on a desktop, and scaled to two thirds on a phone. */
export const cardWidth = 560
export const padding = 18
export const innerWidth = cardWidth - 2 * padding
export const fontSize = 17

/** A part of a chart with its own axes. */
export interface Panel {
  /** Shown above the panel, if it needs a name. */
  readonly heading?: string
  readonly options: PlotOptions & { readonly height: number }
}

export interface LegendEntry {
  readonly label: string
  readonly colour: string
  readonly shape: 'square' | 'line' | 'band' | 'dot' | 'ring'
}

export interface Card {
  readonly title: string
  readonly alt: string
  readonly notes: readonly string[]
  readonly legend: readonly LegendEntry[]
  readonly panels: readonly Panel[]
  /** Below the panels. */
  readonly footer?: readonly string[]
}

const fonts =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"

/** The part of the document object model that charts need. */
interface SvgElement {
  textContent: string | null
  setAttribute(name: string, value: string): void
  removeAttribute(name: string): void
  remove(): void
  append(...children: readonly SvgElement[]): void
  querySelectorAll(selector: string): Iterable<SvgElement>
  toString(): string
}
interface SvgDocument {
  readonly documentElement: SvgElement
  createElementNS(namespace: string, name: string, options?: undefined): SvgElement
}
type Attributes = Readonly<Record<string, string | number>>

/**
 * The text of an SVG file, the same bytes for the same card. It has its own background, because a page may have any
 * colour.
 */
export function drawCard({ title, alt, notes, legend, panels, footer = [] }: Card): string {
  const document = new DOMParser().parseFromString(
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'image/svg+xml',
  ) as SvgDocument
  const card = new CardWriter(document)
  card.addText(title, { 'font-size': 20, 'font-weight': 600, fill: themes.light.text }, 3)
  for (const note of notes) card.addText(note, noteStyle, 3)
  card.addLegend(legend)
  panels.forEach((panel, index) => {
    card.addPanel(panel, index > 0)
  })
  card.addFooter(footer)
  return card.finish(alt)
}

const noteStyle = { 'font-size': 15, fill: themes.light.muted }

/** Builds a card from top to bottom: each method adds text, a legend or a panel below everything added before. */
class CardWriter {
  readonly #document: SvgDocument
  readonly #elements: SvgElement[] = []
  /** The height used so far. */
  #y = padding

  constructor(document: SvgDocument) {
    this.#document = document
  }

  addText(
    value: string,
    attributes: Attributes & { readonly 'font-size': number },
    maxLines: number,
  ): void {
    const fontSize = attributes['font-size']
    const isBold = attributes['font-weight'] === 600
    for (const line of textLines(value, { width: innerWidth, fontSize, maxLines, isBold })) {
      this.#add('text', { x: padding, y: this.#y + fontSize, ...attributes }, line)
      this.#y += Math.round(fontSize * 1.35)
    }
    this.#y += 4
  }

  addLegend(entries: readonly LegendEntry[]): void {
    if (entries.length === 0) return
    const fontSize = 15
    let x = padding
    this.#y += 4
    for (const { label, colour, shape } of entries) {
      const [shown = ''] = textLines(label, { width: innerWidth - 30, fontSize, maxLines: 1 })
      const width = 22 + textWidth(shown, fontSize)
      if (x > padding && x + width > cardWidth - padding) {
        x = padding
        this.#y += 24
      }
      this.#addSwatch(shape, colour, x)
      const place = { x: x + 22, y: this.#y + 14 }
      this.#add('text', { ...place, 'font-size': fontSize, fill: themes.light.muted }, shown)
      x += width + 16
    }
    this.#y += 26
  }

  /** @param hasPanelAbove adds a gap */
  addPanel({ heading, options }: Panel, hasPanelAbove: boolean): void {
    if (hasPanelAbove) this.#y += 16
    if (heading !== undefined && heading !== '')
      this.addText(heading, { 'font-size': 16, 'font-weight': 600, fill: themes.light.text }, 2)
    const drawn: unknown = plot({
      ...options,
      document: this.#document as never,
      width: innerWidth,
      style: { fontSize: '15px' },
    })
    this.#elements.push(placePanel(drawn as SvgElement, this.#y))
    this.#y += options.height
  }

  addFooter(lines: readonly string[]): void {
    if (lines.length > 0) this.#y += 10
    for (const line of lines) this.addText(line, noteStyle, 2)
  }

  /** The text of the SVG file. */
  finish(alt: string): string {
    const height = Math.ceil(this.#y + padding)
    const root = this.#document.documentElement
    for (const [name, value] of Object.entries({
      class: 'exp-chart',
      width: cardWidth,
      height,
      viewBox: `0 0 ${cardWidth} ${height}`,
      role: 'img',
      'aria-label': alt,
      'font-family': fonts,
      color: themes.light.muted,
    }))
      root.setAttribute(name, String(value))
    const background = { width: cardWidth, height, rx: 8, fill: themes.light.card }
    root.append(
      elementOf(this.#document, 'style', {}, darkStyle),
      elementOf(this.#document, 'rect', background),
      ...this.#elements,
    )
    return `${root.toString()}\n`
  }

  #add(name: string, attributes: Attributes, text?: string): void {
    this.#elements.push(elementOf(this.#document, name, attributes, text))
  }

  /** The mark beside a label of the legend. */
  #addSwatch(shape: LegendEntry['shape'], colour: string, x: number): void {
    const y = this.#y + 9
    if (shape === 'dot') {
      this.#add('circle', { cx: x + 8, cy: y, r: 6, fill: colour })
      return
    }
    if (shape === 'ring') {
      const paint = { fill: themes.light.card, stroke: colour, 'stroke-width': 3 }
      this.#add('circle', { cx: x + 8, cy: y, r: 5.5, ...paint })
      return
    }
    const height = shape === 'line' ? 3 : 14
    const swatch = { x, y: y - height / 2, width: 16, height, fill: colour }
    this.#add('rect', shape === 'band' ? { ...swatch, 'fill-opacity': 0.25 } : swatch)
  }
}

/** Replaces the light colours if the reader prefers dark, whether the SVG is a file or part of a page. */
export const darkStyle = `@media (prefers-color-scheme:dark){.exp-chart{color:${themes.dark.muted}}${(
  Object.keys(themes.light) as (keyof typeof themes.light)[]
)
  .flatMap((name) =>
    ['fill', 'stroke'].map(
      (attribute) =>
        `.exp-chart [${attribute}="${themes.light[name]}"]{${attribute}:${themes.dark[name]}}`,
    ),
  )
  .join('')}}`

function elementOf(
  document: SvgDocument,
  name: string,
  attributes: Attributes,
  text?: string,
): SvgElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  if (text !== undefined) element.textContent = text
  return element
}

/** Moves a drawn panel to its place, without the style that the library adds for pages. */
function placePanel(drawn: SvgElement, y: number): SvgElement {
  for (const style of drawn.querySelectorAll('style')) style.remove()
  for (const name of ['class', 'viewBox', 'font-family', 'style']) drawn.removeAttribute(name)
  drawn.setAttribute('x', String(padding))
  drawn.setAttribute('y', String(y))
  drawn.setAttribute('font-size', '15')
  drawn.setAttribute('overflow', 'visible')
  for (const element of drawn.querySelectorAll('[aria-label],[aria-hidden]')) {
    element.removeAttribute('aria-label')
    element.removeAttribute('aria-hidden')
  }
  return drawn
}
