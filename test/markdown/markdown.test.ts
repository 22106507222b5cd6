import fc from 'fast-check'
import type { PhrasingContent, Text } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkStringify from 'remark-stringify'
import { unified } from 'unified'
import { describe, expect, it } from 'vitest'
import { block, parseInline, parseMarkdown, table, text } from '../../src/markdown/markdown.ts'

/** The writer without shortcuts for plain text. */
const byDefault = unified()
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
const phrases = fc.array(phrase, { minLength: 1, maxLength: 4 })

describe('Markdown', () => {
  it('writes text, bold, links, code and footnotes like remark does by default', () => {
    fc.assert(
      fc.property(phrases, (children) => {
        for (const node of [
          { type: 'paragraph' as const, children },
          { type: 'heading' as const, depth: 2 as const, children },
          table([children], [[children, 'x']]),
        ])
          expect(block(node).source).toBe(
            byDefault.stringify({ type: 'root', children: [node] }).trimEnd(),
          )
      }),
      { numRuns: 1000 },
    )
  })

  it('reads one line like remark does', () => {
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
