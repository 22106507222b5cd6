import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normaliseMarkdown } from '../../src/markdown/normalise.ts'
import {
  block,
  everyNode,
  parseMarkdown,
  table,
  escapeMarkdown,
} from '../../src/markdown/markdown.ts'
import { oneLine } from '../../src/format/plain-text.ts'
import { hostile } from '../support/hostile.ts'

function shown(markdown: string): string {
  return [...everyNode(parseMarkdown(markdown))]
    .map((node) => (node.type === 'text' || node.type === 'inlineCode' ? node.value : ''))
    .join('')
}

function types(markdown: string): readonly string[] {
  const all = [...everyNode(parseMarkdown(markdown))].map(({ type }) => type)
  return all.filter((type) => type !== 'text' && type !== 'inlineCode')
}

describe('escapeMarkdown', () => {
  it.each([
    ['at the start of a line', ''],
    ['within a line', 'before '],
    ['directly after a word', 'before'],
    ['in a list', '- '],
    ['in bold', '**x** '],
  ])('makes Markdown show any text unchanged %s', (_, before) => {
    fc.assert(
      fc.property(hostile, (value) => {
        const markdown = `${before}${escapeMarkdown(value)}`
        const plain = `${before}x`
        if (oneLine(value) === '') return
        expect(shown(markdown)).toBe(shown(`${before}x`).replace(/x$/, () => oneLine(value)))
        expect(types(markdown)).toEqual(types(plain))
      }),
      { numRuns: 200 },
    )
  })

  it('escapes nothing in texts without special characters', () => {
    for (const text of [
      'manga_comment_ad_detection',
      'qwen3:0.6b',
      '-44.6%',
      '+8.3%',
      '2025-08-06',
      '0.11.3',
      'n<100',
    ])
      expect(normaliseMarkdown(escapeMarkdown(text))).toBe(`${text}\n`)
  })
})

describe('a table', () => {
  it('keeps its columns and shows the text of every cell unchanged', () => {
    fc.assert(
      fc.property(
        fc.array(hostile, { minLength: 4, maxLength: 4 }),
        ([a = '', b = '', c = '', d = '']) => {
          const { source } = block(table([a, b], [[c, d], ['x']]))
          const [node] = parseMarkdown(normaliseMarkdown(source)).children
          expect(node?.type).toBe('table')
          if (node?.type !== 'table') return
          expect(node.children.map(({ children }) => children.length)).toEqual([2, 2, 2])
          const cells = node.children
            .flatMap(({ children }) => children)
            .map((cell) =>
              [...everyNode(cell)].map((inner) => ('value' in inner ? inner.value : '')).join(''),
            )
          expect(cells).toEqual([...[a, b, c, d].map(oneLine), 'x', ''])
        },
      ),
      { numRuns: 200 },
    )
  })
})
