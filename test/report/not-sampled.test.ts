import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { notSampledText } from '../../src/report/not-sampled.ts'
import { readWords } from '../../src/templates/words.ts'
import { shippedTemplates } from '../support/templates.ts'

/** The texts that the sources of memory and energy give as reasons, with `x` in place of values. */
const reasons = readdirSync('src/host/resources').flatMap((file) => {
  const source = readFileSync(`src/host/resources/${file}`, 'utf8')
  return [...source.matchAll(/new Error\(\s*(['`])((?:\\`|(?!\1)[^\\])+)\1/g)].map(
    ([, , text = '']) => text.replaceAll('\\`', '`').replaceAll(/\$\{[^}]*\}/g, 'x'),
  )
})
const more = ['`nvidia-smi` is not installed', '`ps` did not answer within 5 s', '`ps` failed: x']
const ofBug = 'gave no number'

describe('the reason why memory or energy was not read', () => {
  const words = (locale: 'en' | 'zh-CN') => readWords(shippedTemplates(locale), 'words')

  it.each([...reasons.filter((text) => !text.endsWith(ofBug)), ...more])(
    'is in words: %s',
    (text) => {
      expect(notSampledText(text, words('en'))).toBe(text)
      expect(notSampledText(text, words('zh-CN'))).toMatch(/\p{Script=Han}/u)
    },
  )

  it('is found in the source', () => {
    expect(reasons.length).toBeGreaterThan(8)
  })

  it('is shown as it is if it is not known', () => {
    expect(notSampledText('a new reason', words('zh-CN'))).toBe('a new reason')
  })
})
