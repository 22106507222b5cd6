import { existsSync, readFileSync } from 'node:fs'
import { globbySync } from 'globby'
import { describe, expect, it } from 'vitest'
import { lintMarkdown } from '../support/markdown-lint.ts'

const reports = globbySync([
  'reports/**/*.md',
  'test/golden/*/expected*.md',
  '!test/golden/hostile',
])
const own = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'templates/README.md'].filter((file) =>
  existsSync(file),
)

describe('the Markdown of reports and documents renders on GitHub', () => {
  it.each([...reports, ...own])('%s', (file) => {
    expect(lintMarkdown(readFileSync(file, 'utf8'), { outwardLinks: own.includes(file) })).toEqual(
      [],
    )
  })

  it.each([
    ['a `\\~` in the raw text', '\\~333ms'],
    ['a `\\[` in the raw text', '\\[a, b]'],
    ['a character reference', 'a&#x20;'],
    ['padded cells', '| a  | b |\n| --- | - |\n| 1 | 2 |'],
    ['HTML', 'a <b>c</b>'],
    ['a heading twice', '# a\n\n# a'],
    ['bold that ends in full-width punctuation', '**问题：** 慢'],
    ['bold that does not close', '**问题：**慢'],
    ['an absolute link', '[a](/b)'],
    ['a link out of the repository', '[a](https://b.c)'],
    ['a control code', 'a\u001bb'],
    ['too many bytes', 'x'.repeat(512_001)],
  ])('reports %s', (_, source) => {
    expect(lintMarkdown(source).length).toBeGreaterThan(0)
  })
})
