import { describe, expect, it } from 'vitest'
import { locales } from '../../src/format/locales.generated.ts'
import { wordParametersOf } from '../../src/templates/word-file.ts'
import { wordParameters } from '../../src/templates/words.generated.ts'
import { readWords, type WordFile } from '../../src/templates/words.ts'
import { shippedTemplates, withTemplates } from '../support/templates.ts'

describe('the words of a locale', () => {
  const files = Object.keys(wordParameters).filter((file): file is WordFile => file in wordParameters)

  it.each(locales.flatMap((locale) => files.map((file) => ({ locale, file }))))(
    'are complete and name known values: $locale/$file.yaml',
    ({ locale, file }) => {
      expect(() => readWords(shippedTemplates(locale), file)).not.toThrow()
    },
  )

  it('are escaped as Markdown and unchanged as plain text', () => {
    const words = readWords(shippedTemplates('en'), 'words')
    const values = { name: 'a*b', value: '1' }
    expect(words.text('join.about', values)).toBe('a*b 1')
    expect(words.markdown('join.about', values).source).toBe('a\\*b 1')
  })

  it('form no emoji code with the colon after a value, and leave a model its name', () => {
    const words = readWords(shippedTemplates('en'), 'words')
    const line = (config: string) => words.markdown('answer.pending', { configs: config }).source
    expect(line('model:smile')).toBe('model`:smile`: pending')
    expect(line('smollm2:135m')).toBe('smollm2:135m: pending')
    const chinese = readWords(shippedTemplates('zh-CN'), 'words')
    const values = { config: 'qwen3:latest', base: 'b', changes: 'c' }
    expect(chinese.markdown('answer.change', values).source).toBe('qwen3:latest 比 b：c')
  })

  it('have spaces between Chinese characters and Latin values', () => {
    const text = (shippedTemplates('zh-CN').get('words.yaml')?.text ?? '').replace(
      /^join\.about: .*$/m,
      'join.about: 共{{name}}次{{value}}。',
    )
    const words = readWords(withTemplates('zh-CN', { 'words.yaml': text }), 'words')
    expect(words.text('join.about', { name: '3', value: '漫画' })).toBe('共 3 次漫画。')
  })
})

describe('the parameters of words', () => {
  it('are the values that a text names, in blocks and helpers too, and those offered by a comment', () => {
    const text = [
      'a: plain',
      'b: "{{x}} of {{y}} and {{x}}"',
      `c: '{{#if some}}{{n}} {{plural n "a" "b"}}{{else}}{{none}}{{/if}}'`,
      'd: "{{x}}{{! also: y z }}{{! a remark }}"',
    ].join('\n')
    expect(wordParametersOf({ file: 'words.yaml', text })).toEqual({
      a: [],
      b: ['x', 'y'],
      c: ['some', 'n', 'none'],
      d: ['x', 'y', 'z'],
    })
  })
})
