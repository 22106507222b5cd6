import { describe, expect, it } from 'vitest'
import { textLines } from '../../src/charts/text-lines.ts'

const room = { width: 100, fontSize: 10, maxLines: 3 }

describe('textLines', () => {
  it('breaks at spaces', () => {
    expect(textLines('the fastest of each hundredth', room)).toEqual([
      'the fastest of',
      'each hundredth',
    ])
  })

  it('breaks between Chinese characters, but not before punctuation', () => {
    expect(textLines('画出 300 个：时间每百分之一段内', room)).toEqual([
      '画出 300 个：时间每',
      '百分之一段内',
    ])
    expect(textLines('一二三四五六七八九，十', room)).toEqual(['一二三四五六七八', '九，十'])
  })

  it('keeps a comparator beside its number', () => {
    expect(textLines('aaaaaaaaaaaa ≤ -30%', room)).toEqual(['aaaaaaaaaaaa', '≤\u{a0}-30%'])
  })

  it('breaks a word that is longer than a line', () => {
    const lines = textLines('n'.repeat(20), room)
    expect(lines).toHaveLength(2)
    expect(lines.join('')).toBe('n'.repeat(20))
  })

  it('ends in an ellipsis if there are more lines', () => {
    const lines = textLines('word '.repeat(30), room)
    expect(lines).toHaveLength(3)
    expect(lines.at(-1)).toMatch(/…$/)
  })

  it('needs more lines for bold text', () => {
    const text = 'nnnnnnnn nnnnnn'
    expect(textLines(text, room)).toHaveLength(1)
    expect(textLines(text, { ...room, isBold: true })).toHaveLength(2)
  })
})
