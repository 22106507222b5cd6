/** What GitHub acts on in text is inline code, whose value is the text itself. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitActiveText } from '../../src/markdown/active-text.ts'
import { escapeMarkdown } from '../../src/markdown/markdown.ts'

const active = (text: string) =>
  splitActiveText(text).flatMap(({ isActive, value }) => (isActive ? [value] : []))

describe('active text', () => {
  it.each([
    ['$$x$$', ['$$x$$']],
    ['costs $5 or 6$', ['$5', '$']],
    ['$\\frac{a}{b}$', ['$', '$']],
    [':smile: :+1: :100: :1234:', [':smile:', ':+1:', ':100:', ':1234:']],
    ['a:8ball: :1st_place_medal:', [':8ball:', ':1st_place_medal:']],
    ['by @name and @org/team', ['@name', '@org/team']],
    ['#12, owner/repo#7, GH-12, gh-3', ['#12', '#7', 'GH-12', 'gh-3']],
    ['since 0a1b2c3 and user@deadbeef1', ['0a1b2c3', 'deadbeef1']],
    ['see https://a.b/c?d=e or www.x.y, ftp://f', ['https://a.b/c?d=e', 'www.x.y,', 'ftp://f']],
    ['mail a.b+c@d.ef', ['a.b+c@d.ef']],
    ['#12-x@b.cd', ['12-x@b.cd']],
    ['#12$x', ['#12$x']],
  ])('is found in %j', (text, parts) => {
    expect(active(text)).toEqual(parts)
  })

  it.each([
    'qwen3:0.6b',
    'hf.co/unsloth/model:Q4_K_M',
    '2025-08-08 14:21-14:22 (UTC+8)',
    '14:21:05',
    '20250808',
    '1,788 tokens/s',
    'no. 2 # 3',
    'a @ b',
    'x#y',
    'Q4_K_M',
    'smollm2:135m: 12 ms',
    '⬆️ better',
  ])('is not found in %j', (text) => {
    expect(active(text)).toEqual([])
  })

  it('gives the text again when its parts are joined', () => {
    const piece = fc.constantFrom(
      ...Array.from('$@#:.-_/+ `|\\'),
      'a',
      '1',
      'www.',
      'http://',
      'gh-',
      'é',
      '漫',
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('')
        const parts = splitActiveText(text)
        expect(parts.map(({ value }) => value).join('')).toBe(text)
        expect(parts.every(({ value }) => value !== '')).toBe(true)
        expect(parts.some(({ isActive }, at) => isActive && parts[at + 1]?.isActive)).toBe(false)
        expect(active(text).join('')).not.toContain('`')
      }),
    )
  })

  it('takes time in proportion to the length of the text', () => {
    for (const piece of [
      'a',
      'a.',
      'a-',
      '@',
      'a@',
      ':a',
      ':',
      '#',
      '#1',
      '$',
      '0',
      'gh-',
      'www.',
      'http://',
    ]) {
      // With quadratic time, the test would take minutes, and fail.
      const text = piece.repeat(500_000 / piece.length)
      expect(escapeMarkdown(`${text} @`)).toContain(piece)
    }
  })
})
