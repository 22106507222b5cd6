import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { findMarkupProblem } from '../../src/markdown/markup-problem.ts'
import { authorAnalysis } from '../../src/report/author-analysis.ts'
import { renderReport } from '../../src/report/report.ts'
import { inputOf } from './support/analysis.ts'
import { dockerAnalysis, dockerExperiment } from './support/docker-example.ts'
import { hostile } from '../support/hostile.ts'
import { headingOf } from '../support/report-parts.ts'

/** The heading of the section after it. */
const nextHeading = headingOf('zh-CN', 'reliability.hbs')

describe('the Markdown of `analysis`', () => {
  it('is part of the report byte for byte', () => {
    const text =
      '* a   list\n\t* `x`  \n\n| a  | b |\n| --- | :-: |\n| 1 | 2 |\n\n<b>x</b> \\[y] ~~z~~'
    expect(authorAnalysis(text)).toBe(text)
    const report = renderReport(inputOf({ ...dockerExperiment, analysis: text }, dockerAnalysis))
    expect(report).toContain(`\n\n${text}\n\n${nextHeading}\n`)
  })

  it('has its headings moved below the heading of its section, in any notation', () => {
    expect(authorAnalysis('# a\n\nb\n===\n\n## c #\n\nd\n---\n\n###### e')).toBe(
      '### a\n\n### b\n\n#### c #\n\n#### d\n\n###### e',
    )
    expect(authorAnalysis('### a\n\n#### b')).toBe('### a\n\n#### b')
    expect(authorAnalysis('```\n# no heading\n```')).toBe('```\n# no heading\n```')
    expect(authorAnalysis('> # quoted')).toBe('> ### quoted')
  })

  it.each([
    ['```js\ncode', 'line 1: the code fence is not closed'],
    ['~~~\n```', 'line 1: the code fence is not closed'],
    ['x\n\n<!-- never closed', 'line 3: the comment is not closed'],
    ['<script>\nx', 'line 1: the HTML is not closed'],
    ['y\n\n<details>\n\nx', 'line 3: the `<details>` is not closed'],
    ['x <b>y', 'line 1: the `<b>` is not closed'],
    ['</details>', 'line 1: the `</details>` closes nothing'],
  ])('is an error if it leaves something open: %j', (text, message) => {
    expect(() => authorAnalysis(text)).toThrow(ExpError)
    expect(() => authorAnalysis(text)).toThrow(message)
  })

  it('keeps a space that Markdown does not take for an indent, so that no HTML begins there', () => {
    expect(authorAnalysis('\n\u00a0<script>\n')).toBe('\u00a0<script>')
  })

  it.each([
    'Map<string> and a < b',
    'one<br>two',
    '<p>a paragraph',
    '<details>\n\nx\n\n</details>',
  ])('is accepted if it leaves nothing open: %j', (text) => {
    expect(authorAnalysis(text)).toBe(text)
  })

  it.each(['<!-- exp:keep a -->', '<!-- exp:end remarks -->', '<!--exp:analysis-->'])(
    'is an error if it contains a marker: %s',
    (text) => {
      expect(() => authorAnalysis(text)).toThrow('contains a marker')
    },
  )

  it('never hides the section that follows it', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 5 }), (parts) => {
        const text = parts.join('\n')
        if (findMarkupProblem(text) !== undefined || /<!--\s*exp:/.test(text)) return
        const report = renderReport(
          inputOf({ ...dockerExperiment, analysis: text }, dockerAnalysis),
        )
        expect(report.split('\n')).toContain(nextHeading)
      }),
      { numRuns: 30 },
    )
  })
})
