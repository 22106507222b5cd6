/** Checks Markdown against rules that keep it readable on GitHub and as raw text. */
import type { Nodes, Root } from 'mdast'
import { everyNode, parseMarkdown } from '../../src/markdown/markdown.ts'

export interface Finding {
  readonly line: number
  readonly message: string
}

export interface LintOptions {
  /** Allows links that leave the repository. */
  readonly outwardLinks?: boolean
}

type Rule = (source: string, tree: Root, options: LintOptions) => readonly Finding[]

/** Returns the violations of all rules, sorted by line. */
export function lintMarkdown(source: string, options: LintOptions = {}): readonly Finding[] {
  const tree = parseMarkdown(source)
  return rules.flatMap((rule) => rule(source, tree, options)).toSorted((a, b) => a.line - b.line)
}

const fullWidth = /^[，。；：！？、（）「」《》“”]|[，。；：！？、（）「」《》“”]$/

const rules: readonly Rule[] = [
  function size(source) {
    const bytes = new TextEncoder().encode(source).length
    return bytes > 512_000 ? [{ line: 1, message: `${bytes} bytes; GitHub cuts at 512,000` }] : []
  },
  function escapes(source) {
    return inLines(source, /\\[~[]/, 'an escape that spoils the raw text')
  },
  function references(source) {
    return inLines(source, /&#x?[0-9a-f]+;/i, 'a character reference')
  },
  function controls(source) {
    return inLines(
      source,
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/,
      'a control code',
    )
  },
  function cells(source, tree) {
    return of(tree, 'table').flatMap((table) => {
      const first = lineOf(table)
      const last = table.position?.end.line ?? first
      return source
        .split('\n')
        .slice(first - 1, last)
        .flatMap((row, index) =>
          / {2,}\||\| {2,}|-{2,} *\|/.test(row)
            ? [{ line: first + index, message: 'a padded cell' }]
            : [],
        )
    })
  },
  function html(_, tree) {
    return of(tree, 'html')
      .filter(({ value }) =>
        value.replace(/<!--[^]*?-->|<\/?(?:details|summary)>/g, '').includes('<'),
      )
      .map((node) => ({
        line: lineOf(node),
        message: 'HTML other than comments, details and summary',
      }))
  },
  function headings(_, tree) {
    const seen = new Set<string>()
    return of(tree, 'heading').flatMap((heading) => {
      const text = shown(heading)
      const again = seen.has(text)
      seen.add(text)
      return again ? [{ line: lineOf(heading), message: `a second heading \`${text}\`` }] : []
    })
  },
  function bold(_, tree) {
    return of(tree, 'strong')
      .filter((node) => fullWidth.test(shown(node)))
      .map((node) => ({
        line: lineOf(node),
        message: 'full-width punctuation at the edge of bold',
      }))
  },
  function brokenBold(_, tree) {
    return of(tree, 'text')
      .filter(({ value }) => value.includes('**'))
      .map((node) => ({ line: lineOf(node), message: 'bold that did not close' }))
  },
  function links(_, tree, { outwardLinks = false }) {
    return of(tree, 'link')
      .filter(
        ({ url }) =>
          /^[a-z][a-z0-9+.-]*:|^\//i.test(url) && !(outwardLinks && url.startsWith('https://')),
      )
      .map((node) => ({ line: lineOf(node), message: `a link that is not relative: ${node.url}` }))
  },
]

type Typed<Type extends Nodes['type']> = Extract<Nodes, { readonly type: Type }>

function of<Type extends Nodes['type']>(tree: Root, type: Type): readonly Typed<Type>[] {
  return [...everyNode(tree)].filter((node): node is Typed<Type> => node.type === type)
}

function shown(node: Nodes): string {
  return [...everyNode(node)].map((inner) => ('value' in inner ? inner.value : '')).join('')
}

function lineOf(node: Nodes): number {
  return node.position?.start.line ?? 1
}

function inLines(source: string, pattern: RegExp, message: string): readonly Finding[] {
  return source
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [{ line: index + 1, message }] : []))
}
