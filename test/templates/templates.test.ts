import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { renderReport } from '../../src/report/report.ts'
import { inputOf } from '../report/support/analysis.ts'
import { dockerAnalysis, dockerExperiment } from '../report/support/docker-example.ts'
import { ownTemplates, withTemplates } from '../support/templates.ts'

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
  throw new Error('nothing was wrong')
}

describe('a template that cannot be used', () => {
  it.each([
    ['a value', '{{titel}}', 1, 'there is no value `titel` here', 'did you mean `title`?'],
    [
      'a value inside another',
      '\n{{footer.versoin}}',
      2,
      'there is no value `versoin` here',
      'did you mean `version`?',
    ],
    [
      'an {{#if}}',
      'x\n\n{{#if conclusions}}\nx\n{{/if}}',
      3,
      'there is no value `conclusions` here',
      'did you mean `conclusion`?',
    ],
    [
      'an {{#each}}',
      '{{#each group}}{{/each}}',
      1,
      'there is no value `group` here',
      'did you mean `groups`?',
    ],
    [
      'a value of an entry',
      '{{#each groups}}\n{{nam}}\n{{/each}}',
      2,
      'there is no value `nam` here',
      'did you mean `name`?',
    ],
    [
      'an {{else}}',
      '{{#if title}}{{else}}\n{{x}}{{/if}}',
      2,
      'there is no value `x` here',
      undefined,
    ],
    [
      'a path upwards',
      '{{#each groups}}{{../titl}}{{/each}}',
      1,
      'there is no value `titl` here',
      'did you mean `title`?',
    ],
    [
      'a path out of the template',
      '{{../title}}',
      1,
      '`../title` leads out of the template',
      undefined,
    ],
    [
      'a block parameter',
      '{{#each groups as |g|}}{{g.nme}}{{/each}}',
      1,
      'there is no value `nme` here',
      'did you mean `name`?',
    ],
    ['a data variable', '{{@index}}', 1, '`@index` is not known here', undefined],
    ['a partial', '{{> grup}}', 1, 'there is no template `grup.hbs`', 'did you mean `group.hbs`?'],
    ['a helper', '{{upper title}}', 1, 'there is no helper `upper`', undefined],
    ['a block', '{{#iff title}}{{/iff}}', 1, 'there is no block `iff`', 'did you mean `if`?'],
    [
      'a list as a text',
      '{{groups}}',
      1,
      '`groups` is a list, not a text',
      'put it into {{#each}}',
    ],
    [
      'a text as a list',
      '{{#each title}}{{/each}}',
      1,
      '{{#each}} needs a list; this is a text',
      undefined,
    ],
    ['a template in itself', '{{> report}}', 1, '`report.hbs` includes itself', undefined],
    [
      'an inline partial',
      '{{#*inline "x"}}{{/inline}}',
      1,
      'only values, blocks and partials can stand here',
      undefined,
    ],
    ['what is no Handlebars', 'x\n{{#if title}}', 2, 'not a Handlebars template', undefined],
  ])('says where %s is wrong, and the nearest name', (_, text, line, message, hint) => {
    const found = problem({ 'report.hbs': text })
    expect(found.message).toContain(`templates/en/report.hbs:${line}: ${message}`)
    if (hint !== undefined) expect(found.hint).toBe(hint)
  })

  it('names the part that is wrong, not the root', () => {
    expect(problem({ 'history.hbs': '\n\n{{tabel}}' }).message).toBe(
      'templates/en/history.hbs:3: there is no value `tabel` here',
    )
  })

  it('holds words to their values', () => {
    const words = ownTemplates('en').get('words.yaml')?.text ?? ''
    const line = words.split('\n').findIndex((each) => each.startsWith('absence.too-few')) + 1
    const found = problem({ 'words.yaml': words.replace('n<{{min}}', 'n<{{most}}') })
    expect(found.message).toBe(`templates/en/words.yaml:${line}: there is no value \`most\` here`)
    expect(problem({ 'words.yaml': words.replace('mark.same:', 'mark.sama:') })).toMatchObject({
      message: expect.stringContaining('there is no word `mark.sama`') as string,
      hint: 'did you mean `mark.same`?',
    })
    expect(problem({ 'words.yaml': words.replace(/^mark\.same:.*$/m, '') }).message).toContain(
      'the word `mark.same` is missing',
    )
    expect(problem({ 'words.yaml': `${words}\nmark.same: 1` }).message).toMatch(
      /words\.yaml:\d+: .*unique/,
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

  it('takes the place of one file', () => {
    expect(render({ 'history.hbs': '## What came before\n\n{{table}}\n' })).toContain(
      '## What came before',
    )
  })

  it('is composed into one form, however it is laid out', () => {
    const report = render({ 'history.hbs': 'History\n=======\n\n* a\n* __b__\n\n\n\n{{table}}' })
    expect(report).toContain('# History\n\n- a\n- **b**\n\n| Version |')
  })

  it('may say a heading again: it gets a number', () => {
    const report = render({ 'history.hbs': '## Environment\n\n{{table}}' })
    expect(report).toContain('\n## Environment (2)\n')
  })
})
