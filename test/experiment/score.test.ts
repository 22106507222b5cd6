import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Check } from '../../src/experiment/dataset.ts'
import { compilePattern } from '../../src/experiment/pattern.ts'
import { isRead } from '../../src/experiment/values/reading.ts'
import { scoreAnswer } from '../../src/experiment/score.ts'

const sample = {
  id: 'a',
  fields: {},
  expected: { score: 95, category: '引流', answer: 'yes', flag: true },
}

function score(check: Omit<Check, 'name'>, answer: string): number {
  return scoreAnswer([{ name: 'x', ...check }], sample, answer)['x']!
}

describe('scoreAnswer', () => {
  it('scores closeness as 1 minus the distance divided by the range', () => {
    const check = { measure: 'closeness', field: 'score', range: [0, 100] } as const
    expect(score(check, '{"score": 95}')).toBe(1)
    expect(score(check, '{"score": "85"}')).toBeCloseTo(0.9)
    expect(score(check, '{"score": 900}')).toBe(0)
    expect(score(check, '{"score": null}')).toBe(0)
    expect(score(check, '{"score": ""}')).toBe(0)
    expect(score(check, 'not JSON')).toBe(0)
  })

  it('compares numbers by value, and text without surrounding white space', () => {
    const category = { measure: 'exact', field: 'category' } as const
    expect(score(category, ' {"category": " 引流 ", "score": 1}\n')).toBe(1)
    expect(score(category, '{"category": "正常"}')).toBe(0)
    expect(score(category, '引流')).toBe(0)
    expect(score({ measure: 'exact', field: 'score' }, '{"score": "95.0"}')).toBe(1)
    expect(score({ measure: 'exact', field: 'flag' }, '{"flag": true}')).toBe(1)
    expect(score({ measure: 'exact' }, ' yes\n')).toBe(1)
    expect(score({ measure: 'exact', field: 'toString' }, '{}')).toBe(0)
  })

  it('scores the other measures as 0 or 1', () => {
    expect(score({ measure: 'contains' }, 'well, yes!')).toBe(1)
    expect(score({ measure: 'contains', field: 'missing' }, '{"missing": "undefined"}')).toBe(0)
    expect(score({ measure: 'json' }, '{"a": 1}')).toBe(1)
    expect(score({ measure: 'json' }, '```json\n{}\n```')).toBe(0)
    expect(score({ measure: 'json', field: 'a' }, '{"b": 1}')).toBe(0)
    expect(score({ measure: 'regex', pattern: '^y' }, 'yes')).toBe(1)
    expect(score({ measure: 'regex', field: 'n', pattern: '^\\d+$' }, '{"n": 12}')).toBe(1)
  })

  it('gives scores from 0 to 1 for any answer', () => {
    const checks: Check[] = (['exact', 'contains', 'regex', 'json', 'closeness'] as const).flatMap(
      (measure) => [
        { name: measure, measure, range: [0, 100], pattern: 'a' },
        { name: `${measure} of score`, measure, field: 'score', range: [0, 100], pattern: 'a' },
      ],
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (answer) => {
        const scores = Object.values(scoreAnswer(checks, sample, answer))
        expect(scores).toHaveLength(checks.length)
        for (const one of scores) expect(one >= 0 && one <= 1).toBe(true)
      }),
    )
  })
})

describe('compilePattern', () => {
  it('matches what a regular expression of JavaScript matches', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\w',
      '(?:ab|b)',
      '(a|b)',
      '漫',
      '\\p{L}',
      '\\.',
      '-',
      '\\s',
      '[^\\s]',
      '[\\S1]',
      '[^]',
      '\\u6f2b',
      '\\u{1F600}',
      '[\\u4e00-\\u9fff]',
      '\\p{Script=Han}',
      '[[.]',
    )
    const repeat = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?')
    const piece = fc.tuple(atom, repeat).map((parts) => parts.join(''))
    const pattern = fc
      .tuple(
        fc.constantFrom('', '^'),
        fc.array(piece, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('', '$', '\\b', '|b'),
      )
      .map(([start, pieces, end]) => start + pieces.join('') + end)
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '1', '漫', '.', ' ', '\u3000', '\u2028', '😀', '\n', '['),
      maxLength: 12,
    })
    fc.assert(
      fc.property(pattern, text, (source, searched) => {
        const matcher = compilePattern(source)
        expect(isRead(matcher) && matcher.value(searched)).toBe(
          new RegExp(source, 'u').test(searched),
        )
      }),
      { numRuns: 3000 },
    )
  })

  it.each(['^(a+)+$', '^(a|a)*$', '^(a*)*$', '(.*a){12}$', 'a*a*a*a*a*b'])(
    'matches %s in linear time against hostile text',
    (source) => {
      const matcher = compilePattern(source)
      const started = performance.now()
      expect(isRead(matcher) && matcher.value(`${'a'.repeat(5000)}!`)).toBe(false)
      expect(performance.now() - started).toBeLessThan(5000)
    },
  )

  it.each([
    '(',
    'a**',
    '(?=a)',
    '(?<!a)b',
    '(a)\\1',
    '(?<n>a)',
    'a{1000}',
    '((a{90}){90}){90}',
    'x'.repeat(600),
  ])('refuses %s', (source) => expect(isRead(compilePattern(source))).toBe(false))
})
