/**
 * Writes lines and tables that need no escaping, as the processor would write them. Most lines and tables of a report
 * are such, and the processor takes ten times as long for them.
 */
import type { Paragraph, PhrasingContent, RootContent, Table } from 'mdast'

/** Characters that may be markup within a line, and white space at its end, which may be lost. */
const specialAnywhere = /[\p{Cc}\ufeff!#&*<@[\\\]_`|~]|:(?! )|(?:^|[wW])\.|\s$/u
/** Characters that may be markup at the start of a line, or after a bracket. */
const specialAtStart = /^(?:[-+=(>: ]|\d+(?:\)|\.(?!\d)))/

/** True if the text needs neither escaping nor parsing, except at the start of a line or after a bracket. */
export function isPlain(value: string): boolean {
  return value !== '' && !specialAnywhere.test(value)
}

export function isPlainAtStart(value: string): boolean {
  return !specialAtStart.test(value)
}

/** @param before the character before the text */
export function isPlainAfter(before: string, value: string): boolean {
  return isPlain(value) && (isPlainAtStart(value) || !/[\n\]]/.test(before))
}

/** The source of a paragraph or a table; undefined for all other nodes, and if a part may need escaping. */
export function plainSource(node: RootContent): string | undefined {
  if (node.type === 'paragraph') return plainLine(node, '\n')
  return node.type === 'table' ? plainTable(node) : undefined
}

function plainTable({ align, children }: Table): string | undefined {
  const rows = children.map((row) => row.children.map((cell) => plainLine(cell, ' ')))
  if (rows.some((cells) => cells.includes(undefined))) return undefined
  const [head = [], ...body] = rows
  const rule = head.map((_, index) => (align?.[index] === 'right' ? '-:' : '-'))
  return [head, rule, ...body]
    .map((cells) => `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`)
    .join('\n')
}

/** @param before the character before the line */
function plainLine(
  { children }: { readonly children: Paragraph['children'] },
  before: string,
): string | undefined {
  let source = before
  for (const [index, node] of children.entries()) {
    const part = plainPart(node, source.at(-1) ?? '', children[index + 1])
    if (part === undefined) return undefined
    source += part
  }
  return source.slice(before.length)
}

/** @param before the character before it */
function plainPart(
  node: PhrasingContent,
  before: string,
  next: PhrasingContent | undefined,
): string | undefined {
  switch (node.type) {
    case 'text':
      return isPlainAfter(before, node.value) ? node.value : undefined
    case 'strong': {
      const [text, ...others] = node.children
      if (text?.type !== 'text' || others.length > 0 || !isPlain(text.value)) return undefined
      return !text.value.startsWith(' ') && /\s/.test(before) && endsStrong(next)
        ? `**${text.value}**`
        : undefined
    }
    case 'inlineCode':
      return /^[^\s`|]+(?: [^\s`|]+)*$/.test(node.value) ? `\`${node.value}\`` : undefined
    case 'footnoteReference':
      return /^[a-z\d-]+$/.test(node.label ?? '') ? `[^${node.label}]` : undefined
    case 'image':
      return isPlain(node.alt ?? '') && /^[\w./-]+$/.test(node.url)
        ? `![${node.alt}](${node.url})`
        : undefined
    default:
      return undefined
  }
}

/** True if bold text may end before the node. */
function endsStrong(next: PhrasingContent | undefined): boolean {
  if (next?.type === 'text') return next.value.startsWith(' ')
  return next === undefined || next.type === 'footnoteReference'
}
