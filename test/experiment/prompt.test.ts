import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePrompt, readPromptTemplate } from '../../src/experiment/prompt.ts'
import { isRead } from '../../src/experiment/values/reading.ts'
import { codes, experimentText } from './support.ts'

const sample = (fields: Readonly<Record<string, string>>) => ({
  id: 'a',
  fields: { id: 'a', ...fields },
  expected: { score: 95 },
})

describe('prompts', () => {
  it('insert fields unescaped, and never read them as templates', () => {
    const render = compilePrompt({ prompt: '判断：{{text}}' })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(render(sample({ text }))).toBe(`判断：${text}`)
      }),
    )
    expect(render(sample({ text: '{{text}} <b>&amp;</b> {{{x}}}' }))).toBe(
      '判断：{{text}} <b>&amp;</b> {{{x}}}',
    )
  })

  it('may have conditions on a field that a sample does not have', () => {
    const render = compilePrompt({
      prompt:
        '{{text}}{{#if note}} ({{note}}){{else}} -{{/if}}{{#if expected.score}}!{{/if}}{{#if expected.none}}?{{/if}}',
    })
    expect(render(sample({ text: 'a', note: 'b' }))).toBe('a (b)!')
    expect(render(sample({ text: 'a' }))).toBe('a -!')
  })

  it('list their fields, and which of them may be missing', () => {
    const fields = readPromptTemplate(
      '{{text}}{{#if note}}{{note}}{{else}}{{other}}{{/if}}{{#unless a}}{{b}}{{else}}{{a}}{{/unless}}{{expected.score}}{{! said }}',
    )
    expect(
      isRead(fields) && fields.value.map(({ name, optional }) => `${name}${optional ? '?' : ''}`),
    ).toEqual(['text', 'note?', 'note?', 'other', 'a?', 'b', 'a?', 'expected.score'])
  })

  it.each([
    '{{#each x}}{{/each}}',
    '{{#with x}}{{/with}}',
    '{{lookup this "constructor"}}',
    '{{log text}}',
    '{{> partial}}',
    '{{#> partial}}{{/partial}}',
    '{{constructor.constructor}}',
    '{{this}}',
    '{{../text}}',
    '{{@root}}',
    '{{"text"}}',
    '{{#if (eq a b)}}{{/if}}',
    '{{#if a includeZero=true}}{{/if}}',
    '{{#*inline "x"}}{{/inline}}',
    '{{text',
    '{{#if a}}',
  ])('do not accept %s', (template) => {
    expect(isRead(readPromptTemplate(template))).toBe(false)
    expect(
      codes(
        experimentText({
          workload: `workload: {prompt: '${template}', load: {users: 3, duration: 30s}}`,
        }),
      ),
    ).toEqual(['prompt-template'])
  })

  it('cannot reach inherited properties', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      expect(
        codes(
          experimentText({
            workload: `workload: {prompt: '{{${name}}}', load: {users: 3, duration: 30s}}`,
          }),
        ),
      ).toEqual(['prompt-field'])
  })
})
