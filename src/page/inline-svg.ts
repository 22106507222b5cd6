/**
 * Turns a chart's SVG file into an element of a page, so that readers who point at a shape see its value. Keeps only
 * shapes, texts and presentation attributes, because the file may come from anybody.
 */
import { DOMParser } from 'linkedom/worker'
import type { Element, ElementContent } from 'hast'
import { s } from 'hastscript'
import { limits } from '../errors/limits.ts'

const names: ReadonlySet<string> = new Set(['g', 'rect', 'path', 'line', 'circle', 'text', 'title'])
const attributeNames: ReadonlySet<string> = new Set(
  'x y x1 x2 y1 y2 cx cy r rx d width height viewBox transform overflow role aria-label color fill fill-opacity stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit font-family font-size font-weight font-variant text-anchor'.split(
    ' ',
  ),
)
/** More levels of elements than any chart has. */
const maxDepth = 12

interface SvgNode {
  readonly nodeType: number
  readonly nodeName: string
  readonly textContent: string | null
  readonly childNodes: Iterable<SvgNode>
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>
}

/** The tags and character references of an SVG file, each of which takes the parser time and memory. */
export function svgTags(text: string): number {
  return text.match(/[<&]/g)?.length ?? 0
}

/**
 * Undefined if the text is not an SVG file of a chart, or has more tags than a chart.
 * @param maxTags how many the page may still take over
 */
export function inlineSvg(text: string, maxTags = Infinity): Element | undefined {
  if (!text.startsWith('<svg ') || !text.includes(' class="exp-chart"')) return undefined
  // The parser takes quadratic time for nested elements.
  if (svgTags(text) > Math.min(limits.chartTags.max, maxTags)) return undefined
  const { documentElement } = new DOMParser().parseFromString(text, 'image/svg+xml') as {
    readonly documentElement: SvgNode | null
  }
  if (documentElement?.nodeName !== 'svg') return undefined
  const element = elementOf(documentElement, 'svg', 0)
  element.properties['className'] = ['picture', 'exp-chart']
  return element
}

function elementOf(node: SvgNode, name: string, depth: number): Element {
  const attributes = [...(node.attributes ?? [])].filter(
    ({ name, value }) => attributeNames.has(name) && !/url\s*\(/i.test(value),
  )
  const children = depth < maxDepth ? [...node.childNodes] : []
  return s(
    name,
    Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
    children.flatMap((child) => contentOf(child, depth + 1)),
  )
}

function contentOf(node: SvgNode, depth: number): readonly ElementContent[] {
  if (node.nodeType === 3) return [{ type: 'text', value: node.textContent ?? '' }]
  if (node.nodeType !== 1) return []
  const isPart = node.nodeName === 'svg' || names.has(node.nodeName)
  return isPart ? [elementOf(node, node.nodeName, depth)] : []
}
