/** Code of a report: long lines scroll inside the block, and the lines of a diff show what is added and removed. */
import type { Element, ElementContent, Root } from 'hast'
import { toString } from 'hast-util-to-string'
import { h } from 'hastscript'
import { visit } from 'unist-util-visit'

/** @param label the name of a block, for readers that do not see it */
export function prepareCode(root: Root, label: string): void {
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
