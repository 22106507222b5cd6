/** Normalises the Markdown of a rendered report, so that it does not depend on the layout of templates. */
import type { Heading, Root, RootContent } from 'mdast'
import { parseMarkdown, textIn, writeMarkdown } from './markdown.ts'

/**
 * Returns the Markdown in the form that remark writes, with unique headings.
 * @param tidied the result of `tidyWhiteSpace`
 * @throws `Error` if parsing and writing the result again changes it, which is a bug
 */
export function normaliseMarkdown(tidied: string): string {
  const tree = parseMarkdown(tidied)
  makeHeadingsUnique(tree)
  const text = writeMarkdown(tree)
  if (text !== tidied && writeMarkdown(parseMarkdown(text)) !== text)
    throw new Error('parsing and writing the report again changes it')
  return text
}

/** Removes repeated blank lines and trailing spaces, except in code. The result ends with one line end. */
export function tidyWhiteSpace(text: string): string {
  const lines: string[] = []
  let fence: string | undefined
  for (const line of text.split('\n')) {
    const [, marker] = /^\s*(`{3,}|~{3,})/.exec(line) ?? []
    if (fence === undefined) fence = marker
    else if (marker?.startsWith(fence) && line.trim() === marker) fence = undefined
    if (fence !== undefined) lines.push(line)
    else if (line.trim() !== '' || (lines.at(-1) ?? '') !== '') lines.push(line.trimEnd())
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** Numbers repeated headings, so that each link into the report has one target. */
function makeHeadingsUnique(tree: Root): void {
  const seen = new Set<string>()
  /** For each text, the first number that may be unused. */
  const next = new Map<string, number>()
  for (const heading of headings(tree)) {
    const text = textIn(heading.children)
    let number = next.get(text) ?? 1
    while (seen.has(numbered(text, number))) number += 1
    next.set(text, number + 1)
    const name = numbered(text, number)
    if (name !== text) heading.children.push({ type: 'text', value: name.slice(text.length) })
    seen.add(name)
  }
}

function numbered(text: string, number: number): string {
  return number === 1 ? text : `${text} (${number})`
}

function headings(tree: Root): readonly Heading[] {
  return tree.children.filter((node: RootContent): node is Heading => node.type === 'heading')
}
