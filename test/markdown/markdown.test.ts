import fc from 'fast-check'
import type { PhrasingContent, RootContent, Text } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkStringify from 'remark-stringify'
import { unified } from 'unified'
import { describe, expect, it } from 'vitest'
import {
  block,
  codeBlock,
  footnoteDefinition,
  inline,
  inlineCode,
  nodes,
  parseInline,
  parseMarkdown,
  table,
  text,
} from '../../src/markdown/markdown.ts'
import { visible } from '../../src/format/plain-text.ts'
import { tableSource } from '../../src/markdown/table-source.ts'

/** The writer without any short way, whatever the text. */
const careful = unified()
  .use(remarkGfm, { tablePipeAlign: false })
  .use(remarkStringify, {
    bullet: '-',
    emphasis: '*',
    rule: '-',
    listItemIndent: 'one',
    handlers: {
      text: ({ value }: Text, _parent, state, info) =>
        state.safe(value, info).replace(/(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])/g, '_'),
    },
  })
  .freeze()

const piece = fc.constantFrom(
  ...Array.from('-+=(>): .,;!?#&*<@[]\\_`|~^{}$%\'"/'),
  ...['w', 'W', 'ww', 'www.', 's:', 'p:/', 'http://a.b', 'a@b.c', 'a', '1', '12', '中', '⬆️'],
  ...[
    '  ',
    '\t',
    '\u00a0',
    '\u3000',
    '\ufeff',
    '\u0000',
    '\u007f',
    '&amp;',
    '<b>',
    '[^1]',
    '2) ',
    '3. ',
  ],
)
const line = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
const boldLine = line.map((value) => `**${value}**`)
const phrase: fc.Arbitrary<PhrasingContent> = fc.oneof(
  { weight: 3, arbitrary: line.map((value): PhrasingContent => ({ type: 'text', value })) },
  line.map((value): PhrasingContent => ({ type: 'strong', children: [{ type: 'text', value }] })),
  line.map((value): PhrasingContent => ({
    type: 'link',
    url: 'x.md',
    children: [{ type: 'text', value }],
  })),
  line.map((url): PhrasingContent => ({
    type: 'link',
    url,
    children: [{ type: 'text', value: url }],
  })),
  fc.constant<PhrasingContent>({ type: 'footnoteReference', identifier: '1', label: '1' }),
  fc.constant<PhrasingContent>({ type: 'inlineCode', value: 'a' }),
)
/** Most of the cells of a report. */
const plainLine = fc.array(fc.constantFrom('a', '1', ' ', '%', '(', '-', '中', '.'), {
  maxLength: 6,
})
const cell = fc.oneof(
  plainLine.map((pieces) => pieces.join('')),
  fc.array(
    fc.oneof(
      phrase,
      plainLine.map((pieces): PhrasingContent => ({ type: 'text', value: pieces.join('') })),
      plainLine.map((pieces): PhrasingContent => ({
        type: 'strong',
        children: text(pieces.join('')),
      })),
    ),
    { maxLength: 4 },
  ),
  line.map(inlineCode),
)
const phrases = fc.array(phrase, { minLength: 1, maxLength: 4 })

describe('Markdown', () => {
  it('is written as a careful writer would, whatever stands next to what', () => {
    fc.assert(
      fc.property(phrases, (children) => {
        for (const node of [
          { type: 'paragraph' as const, children },
          { type: 'heading' as const, depth: 2 as const, children },
          table([children], [[children, 'x']]),
        ])
          expect(block(node).source).toBe(
            careful.stringify({ type: 'root', children: [node] }).trimEnd(),
          )
      }),
      { numRuns: 1000 },
    )
  })

  it('of a table is what the careful writer makes of it', () => {
    const row = fc.array(cell, { minLength: 2, maxLength: 3 })
    fc.assert(
      fc.property(row, fc.array(row, { maxLength: 2 }), (header, rows) => {
        const root = { type: 'root' as const, children: [table(header, rows)] }
        expect(tableSource(header, rows).source).toBe(careful.stringify(root).trimEnd())
      }),
      { numRuns: 3000 },
    )
  })

  it('of a line, a footnote and code is what the careful writer makes of it', () => {
    const carefully = (node: RootContent) =>
      careful.stringify({ type: 'root', children: [node] }).trimEnd()
    fc.assert(
      fc.property(cell.map(nodes), line, (children, value) => {
        const paragraph = { type: 'paragraph' as const, children }
        expect(inline(children).source).toBe(carefully(paragraph))
        const note = { type: 'footnoteDefinition' as const, identifier: '1', label: '1' }
        expect(footnoteDefinition('1', children).source).toBe(
          carefully({ ...note, children: [paragraph] }),
        )
        expect(codeBlock('bash', [value, value]).source).toBe(
          carefully({ type: 'code', lang: 'bash', value: visible(`${value}\n${value}`) }),
        )
      }),
      { numRuns: 3000 },
    )
  })

  it('of one line is read as a parser reads it', () => {
    const plain = (nodes: readonly PhrasingContent[]) =>
      JSON.stringify(nodes, (key, value: unknown) => (key === 'position' ? undefined : value))
    fc.assert(
      fc.property(
        fc.oneof(
          line,
          boldLine,
          line.map((value) => `**a${value}** `),
        ),
        (source) => {
          const [first] = parseMarkdown(source).children
          const read = first?.type === 'paragraph' ? first.children : text(source)
          expect(plain(parseInline(source))).toBe(plain(read))
        },
      ),
      { numRuns: 1000 },
    )
  })
})
