/** Composes a chart: a card with a title, notes, a legend and panels, as the text of an SVG file. */
import { DOMParser } from 'linkedom/worker'
import { plot, type PlotOptions } from '@observablehq/plot'
import { themes } from './palette.ts'
import { textLines, textWidth } from './text-lines.ts'

/** The width of every chart. GitHub shows it whole on a desk, and scaled to two thirds on a phone. */
export const cardWidth = 560
export const padding = 18
export const innerWidth = cardWidth - 2 * padding
export const fontSize = 17

/** A part of a chart with axes of its own. */
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
 * The text of an SVG file, the same bytes for the same card. It has its own background, because pages have any colour.
 */
export function drawCard({ title, alt, notes, legend, panels, footer = [] }: Card): string {
  const document = new DOMParser().parseFromString(
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'image/svg+xml',
  ) as SvgDocument
  const pen = cardWriter(document)
  pen.text(title, { 'font-size': 20, 'font-weight': 600, fill: themes.light.text }, 3)
  for (const note of notes) pen.text(note, noteStyle, 3)
  pen.legend(legend)
  panels.forEach((panel, index) => {
    pen.panel(panel, index > 0)
  })
  pen.footer(footer)
  return pen.finish(alt)
}

const noteStyle = { 'font-size': 15, fill: themes.light.muted }

/** Returns functions that add text, a legend or a panel to the card, each below the previous one. */
function cardWriter(document: SvgDocument) {
  const root = document.documentElement
  const elements: SvgElement[] = []
  let y = padding
  const add = (name: string, attributes: Attributes, text?: string): SvgElement => {
    const element = elementOf(document, name, attributes, text)
    elements.push(element)
    return element
  }
  const addSwatch = (
    shape: LegendEntry['shape'],
    colour: string,
    at: { readonly x: number; readonly y: number },
  ): void => {
    if (shape === 'dot' || shape === 'ring') {
      const paint =
        shape === 'dot'
          ? { fill: colour }
          : { fill: themes.light.card, stroke: colour, 'stroke-width': 3 }
      add('circle', { cx: at.x + 8, cy: at.y + 9, r: shape === 'dot' ? 6 : 5.5, ...paint })
      return
    }
    const height = shape === 'line' ? 3 : 14
    const swatch = { x: at.x, y: at.y + 9 - height / 2, width: 16, height, fill: colour }
    add('rect', shape === 'band' ? { ...swatch, 'fill-opacity': 0.25 } : swatch)
  }
  return {
    text(
      value: string,
      attributes: Attributes & { readonly 'font-size': number },
      maxLines: number,
    ) {
      const size = attributes['font-size']
      const isBold = attributes['font-weight'] === 600
      const box = { width: innerWidth, fontSize: size, maxLines, isBold }
      for (const line of textLines(value, box)) {
        add('text', { x: padding, y: y + size, ...attributes }, line)
        y += Math.round(size * 1.35)
      }
      y += 4
    },
    legend(entries: readonly LegendEntry[]) {
      if (entries.length === 0) return
      const size = 15
      let x = padding
      y += 4
      for (const { label, colour, shape } of entries) {
        const [shown = ''] = textLines(label, {
          width: innerWidth - 30,
          fontSize: size,
          maxLines: 1,
        })
        const width = 22 + textWidth(shown, size)
        if (x > padding && x + width > cardWidth - padding) {
          x = padding
          y += 24
        }
        addSwatch(shape, colour, { x, y })
        add('text', { x: x + 22, y: y + 14, 'font-size': size, fill: themes.light.muted }, shown)
        x += width + 16
      }
      y += 26
    },
    panel({ heading, options }: Panel, isFurther: boolean) {
      if (isFurther) y += 16
      if (heading !== undefined && heading !== '')
        this.text(heading, { 'font-size': 16, 'font-weight': 600, fill: themes.light.text }, 2)
      const drawn: unknown = plot({
        ...options,
        document: document as never,
        width: innerWidth,
        style: { fontSize: '15px' },
      })
      elements.push(placePanel(drawn as SvgElement, y))
      y += options.height
    },
    footer(lines: readonly string[]) {
      if (lines.length > 0) y += 10
      for (const line of lines) this.text(line, noteStyle, 2)
    },
    finish(alt: string): string {
      const height = Math.ceil(y + padding)
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
        elementOf(document, 'style', {}, darkStyle),
        elementOf(document, 'rect', background),
        ...elements,
      )
      return `${root.toString()}\n`
    },
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
