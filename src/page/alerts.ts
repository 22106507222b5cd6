/** The alerts of GitHub, `> [!WARNING]`: a quote whose first line names its kind. */
import type { Element, Root } from 'hast'
import { h } from 'hastscript'
import { visit } from 'unist-util-visit'

const kinds = ['note', 'tip', 'important', 'warning', 'caution'] as const
export type AlertKind = (typeof kinds)[number]

/** @param title the title of an alert, in words */
export function markAlerts(root: Root, title: (kind: AlertKind) => string): void {
  visit(root, 'element', (quote) => {
    const kind = quote.tagName === 'blockquote' ? takeKind(quote) : undefined
    if (kind === undefined) return
    quote.tagName = 'div'
    quote.properties = { className: ['alert', `alert-${kind}`], role: 'note' }
    quote.children.unshift(h('p', { className: 'alert-title' }, title(kind)))
  })
}

/** Removes the line that names the kind; undefined if the quote is no alert. */
function takeKind(quote: Element): AlertKind | undefined {
  const first = quote.children.find((child) => child.type === 'element')
  const start = first?.tagName === 'p' ? first.children[0] : undefined
  if (first === undefined || start?.type !== 'text') return undefined
  const [line, name = ''] = /^\s*\[!([A-Za-z]+)\][ \t]*(?:\n|$)/.exec(start.value) ?? []
  const kind = kinds.find((one) => one === name.toLowerCase())
  if (line === undefined || kind === undefined) return undefined
  start.value = start.value.slice(line.length)
  if (start.value === '') first.children.shift()
  const [next] = first.children
  if (next?.type === 'element' && next.tagName === 'br') first.children.shift()
  if (first.children.length === 0) quote.children = quote.children.filter((one) => one !== first)
  return kind
}
