/** Inline Markdown of plain pieces without the writer of Markdown, which takes ten times as long. */
import type { PhrasingContent } from 'mdast'
import { isPlain } from './plain-markdown.ts'

/**
 * What the nodes come to inside a line, each set off from the one before by a space or the bracket of a footnote;
 * code and text may also touch. Undefined where there is nothing, or where anything is to be written with more care.
 */
export function plainSource(nodes: readonly PhrasingContent[]): string | undefined {
  let source = ''
  for (const [at, node] of nodes.entries()) {
    const piece = pieceSource(node, at === nodes.length - 1)
    if (piece === undefined || !joins(nodes[at - 1], node, piece)) return undefined
    source += piece
  }
  return source === '' ? undefined : source
}

function joins(before: PhrasingContent | undefined, node: PhrasingContent, piece: string): boolean {
  if (before === undefined || /^[ []/.test(piece)) return true
  const types = [before.type, node.type]
  return types.includes('text') && types.includes('inlineCode')
}

function pieceSource(node: PhrasingContent, isLast: boolean): string | undefined {
  switch (node.type) {
    case 'text':
      return isPlain(isLast ? node.value : node.value.trimEnd()) ? node.value : undefined
    case 'inlineCode':
      return isTrimmed(node.value) && !/[`|\\\p{Cc}]/u.test(node.value)
        ? `\`${node.value}\``
        : undefined
    case 'strong': {
      const text = plainText(node.children)
      return text === undefined ? undefined : `**${text}**`
    }
    case 'link': {
      const text = plainText(node.children)
      const isPath = /^[\p{L}\p{N}_./-]+$/u.test(node.url) && (node.title ?? '') === ''
      return text === undefined || !isPath ? undefined : `[${text}](${node.url})`
    }
    case 'footnoteReference':
      return /^\d+$/.test(node.identifier) ? `[^${node.identifier}]` : undefined
    default:
      return undefined
  }
}

function plainText([only, ...more]: readonly PhrasingContent[]): string | undefined {
  const isPlainText = only?.type === 'text' && isTrimmed(only.value) && isPlain(only.value)
  return isPlainText && more.length === 0 ? only.value : undefined
}

function isTrimmed(value: string): boolean {
  return value !== '' && value.trim() === value
}
