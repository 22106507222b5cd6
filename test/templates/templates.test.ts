import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { renderReport } from '../../src/report/report.ts'
import { inputOf } from '../report/support/analysis.ts'
import { dockerAnalysis, dockerExperiment } from '../report/support/docker-example.ts'
import { shippedTemplates, withTemplates } from '../support/templates.ts'

function problem(texts: Readonly<Record<string, string>>): {
  message: string
  hint: string | undefined
} {
  try {
    renderReport(
      inputOf(dockerExperiment, dockerAnalysis, { templates: withTemplates('en', texts) }),
    )
  } catch (error) {
    if (error instanceof ExpError && error.code === 'template') return error
    throw error
  }
  throw new Error('the templates were accepted')
}

describe('a faulty template', () => {
  it.each([
    ['a value', '{{titel}}', 1, 'unknown value `titel`', 'did you mean `title`?'],
    [
      'a value of a group',
      '\n{{footer.versoin}}',
      2,
      'unknown value `versoin`',
      'did you mean `version`?',
    ],
    [
      'an {{#if}}',
      'x\n\n{{#if conclusions}}\nx\n{{/if}}',
      3,
      'unknown value `conclusions`',
      'did you mean `conclusion`?',
    ],
    [
      'an {{#each}}',
      '{{#each group}}{{/each}}',
      1,
      'unknown value `group`',
      'did you mean `groups`?',
    ],
    [
      'a value of a list entry',
      '{{#each groups}}\n{{nam}}\n{{/each}}',
      2,
      'unknown value `nam`',
      'did you mean `name`?',
    ],
    [
      'an {{else}}',
      '{{#if title}}{{else}}\n{{x}}{{/if}}',
      2,
      'unknown value `x`',
      undefined,
    ],
    [
      'a path to the outer scope',
      '{{#each groups}}{{../titl}}{{/each}}',
      1,
      'unknown value `titl`',
      'did you mean `title`?',
    ],
    [
      'a path out of the template',
      '{{../title}}',
      1,
      '`../title` leads outside the template',
      undefined,
    ],
    [
      'a block parameter',
      '{{#each groups as |g|}}{{g.nme}}{{/each}}',
      1,
      'unknown value `nme`',
      'did you mean `name`?',
    ],
    ['a data variable', '{{@index}}', 1, '`@index` is unknown here', undefined],
    ['a partial', '{{> grup}}', 1, 'unknown template `grup.hbs`', 'did you mean `group.hbs`?'],
    ['a helper', '{{upper title}}', 1, 'unknown helper `upper`', undefined],
    ['a block', '{{#iff title}}{{/iff}}', 1, 'unknown block `iff`', 'did you mean `if`?'],
    [
      'a list used as a text',
      '{{groups}}',
      1,
      '`groups` is a list, not a text',
      'use it in {{#each}}',
    ],
    [
      'a text used as a list',
      '{{#each title}}{{/each}}',
      1,
      '{{#each}} needs a list; this is a text',
      undefined,
    ],
    ['a template that includes itself', '{{> report}}', 1, '`report.hbs` includes itself', undefined],
    [
      'an inline partial',
      '{{#*inline "x"}}{{/inline}}',
      1,
      'only values, blocks and partials are allowed here',
      undefined,
    ],
    ['the Handlebars syntax', 'x\n{{#if title}}', 2, 'not a Handlebars template', undefined],
  ])('is refused with file, line and the nearest name: %s', (_, text, line, message, hint) => {
    const found = problem({ 'report.hbs': text })
    expect(found.message).toContain(`templates/en/report.hbs:${line}: ${message}`)
    if (hint !== undefined) expect(found.hint).toBe(hint)
  })

  it('is refused with the name of the partial that holds the mistake', () => {
    expect(problem({ 'history.hbs': '\n\n{{tabel}}' }).message).toBe(
      'templates/en/history.hbs:3: unknown value `tabel`',
    )
  })

  it('is refused if a word is missing, unknown or duplicated, or names an unknown value', () => {
    const words = shippedTemplates('en').get('words.yaml')?.text ?? ''
    const line = words.split('\n').findIndex((each) => each.startsWith('absence.too-few')) + 1
    const found = problem({ 'words.yaml': words.replace('n<{{min}}', 'n<{{most}}') })
    expect(found.message).toBe(`templates/en/words.yaml:${line}: unknown value \`most\``)
    expect(problem({ 'words.yaml': words.replace('mark.same:', 'mark.sama:') })).toMatchObject({
      message: expect.stringContaining('unknown word `mark.sama`') as string,
      hint: 'did you mean `mark.same`?',
    })
    expect(problem({ 'words.yaml': words.replace(/^mark\.same:.*$/m, '') }).message).toContain(
      'the word `mark.same` is missing',
    )
    expect(problem({ 'words.yaml': `${words}\nmark.same: 'x'` }).message).toMatch(
      /words\.yaml:\d+: .*duplicated/,
    )
  })
})

describe('a project’s own template', () => {
  const render = (texts: Readonly<Record<string, string>>) =>
    renderReport(
      inputOf(dockerExperiment, dockerAnalysis, {
        locale: 'en',
        templates: withTemplates('en', texts),
      }),
    )

  it('replaces one file', () => {
    expect(render({ 'history.hbs': '## What came before\n\n{{table}}\n' })).toContain(
      '## What came before',
    )
  })

  it('is rendered in the same form, whatever its Markdown style', () => {
    const report = render({ 'history.hbs': 'History\n=======\n\n* a\n* __b__\n\n\n\n{{table}}' })
    expect(report).toContain('# History\n\n- a\n- **b**\n\n| Version |')
  })

  it('may repeat a heading, which then gets a number', () => {
    const report = render({ 'history.hbs': '## Environment\n\n{{table}}' })
    expect(report).toContain('\n## Environment (2)\n')
  })
})
