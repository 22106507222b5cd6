import { describe, expect, it } from 'vitest'
import { locales } from '../../src/format/locales.generated.ts'
import { parseMarkdown, plainText, writeMarkdown } from '../../src/markdown/markdown.ts'
import { answerLines, renderReport, verdictTexts } from '../../src/report/report.ts'
import { readWords } from '../../src/templates/words.ts'
import { tablesOf, tableWithHeader, wordsOf } from '../support/report-parts.ts'
import { shippedTemplates, withTemplates } from '../support/templates.ts'
import { inputOf } from './support/analysis.ts'
import { dockerAnalysis, dockerExperiment } from './support/docker-example.ts'
import { readExperiment, storedInput } from './support/golden.ts'

/** The same results, once as those of the servers and once as those of a stand-in. */
async function bothReports(locale: (typeof locales)[number]) {
  const folder = 'test/golden/stand-in'
  const input = await storedInput(readExperiment(`${folder}/experiment.yaml`), folder, locale)
  const asReal = { ...input, analysis: { ...input.analysis, standIn: false } }
  return { input, demo: renderReport(input), real: renderReport(asReal) }
}
const headings = (report: string) =>
  parseMarkdown(report).children.flatMap((node) =>
    node.type === 'heading' && node.depth <= 2
      ? [writeMarkdown({ type: 'root', children: [node] }).trim()]
      : [],
  )
const sectionOf = (report: string, from: number) =>
  report.slice(
    report.indexOf(headings(report)[from] ?? ''),
    report.indexOf(headings(report)[from + 1] ?? ''),
  )

describe.each(locales)('a report of stand-in results in %s', async (locale) => {
  const words = wordsOf(locale)
  const causeWords = readWords(shippedTemplates(locale), 'causes')
  const { input, demo, real } = await bothReports(locale)

  it('begins with its title and a warning that it is a demo', () => {
    const [title, alert, banner] = demo.split('\n').filter((line) => line !== '')
    expect(title).toBe(`# ${input.experiment.title}`)
    expect(alert).toBe('> [!WARNING]')
    expect(banner).toBe(`> ${words.markdown('banner.standIn').source}`)
    expect(real).not.toContain('[!WARNING]')
  })

  it('judges no hypothesis, and shows no figure for it', () => {
    const [, ...rows] = tableWithHeader(demo, words.text('column.verdict')) ?? []
    expect(rows).toHaveLength(4)
    for (const [, , ...cells] of rows) expect(cells).toEqual([words.text('verdict.none')])
  })

  it('gives the reason once in the terminal, for all hypotheses', () => {
    const lines = verdictTexts(input)
    expect(lines).toEqual([expect.stringMatching(/^H1\W+H2\W+H3\W+H4 ⛔ /u) as unknown])
    expect(lines[0]).toContain(words.text('noVerdict.stand-in'))
  })

  it('has no answers in its conclusion', () => {
    expect(sectionOf(real, 1)).toMatch(/^- /m)
    expect(sectionOf(demo, 1)).not.toMatch(/^- /m)
  })

  it('has neither status words, nor ranks, nor advice for now', () => {
    const status = words.text('column.status')
    const ranks = (['critical', 'secondary', 'improvable'] as const).map(
      (rank) => causeWords.markdown(`rank.${rank}`).source,
    )
    expect(tableWithHeader(real, status)).toBeDefined()
    expect(tableWithHeader(demo, status)).toBeUndefined()
    expect(ranks.some((rank) => real.includes(`**${rank}`))).toBe(true)
    expect(ranks.some((rank) => demo.includes(`**${rank}`))).toBe(false)
    expect(demo).not.toMatch(/^1\. /m)
    expect(demo).not.toContain(words.text('status.good'))
  })

  it('attributes no milliseconds to a cause', () => {
    const amount = new RegExp(
      `\\(${causeWords.markdown('certainty.proven').source}[,，] ?[\\d.,]+ ms`,
    )
    expect(real).toMatch(amount)
    expect(demo).not.toMatch(amount)
    expect(demo).toContain(causeWords.markdown('claim.demo').source)
    const certain = new RegExp(`\\(${causeWords.markdown('certainty.proven').source}\\)`)
    expect(real).toMatch(certain)
    expect(demo).not.toMatch(certain)
  })

  it('has the sections of any report, and its figures', () => {
    expect(headings(demo)).toEqual(headings(real))
    const metrics = (report: string) =>
      tablesOf(report).filter(([header]) => header?.[0] === words.text('column.metric'))
    expect(metrics(demo)).toEqual(metrics(real))
  })

  it('answers in the terminal that it is a demo', () => {
    expect(answerLines(input)).toEqual([plainText(words.markdown('banner.standIn'))])
    expect(verdictTexts(input)[0]).toContain(words.text('verdict.none'))
    expect(verdictTexts(input).join()).not.toMatch(/-64\.5|68\.5|72\.1/)
  })
})

describe('the warning of a stand-in report', () => {
  const analysis = { ...dockerAnalysis, standIn: true }
  const reportWith = (texts: Readonly<Record<string, string>>) =>
    renderReport(
      inputOf(dockerExperiment, analysis, { locale: 'en', templates: withTemplates('en', texts) }),
    )

  it.each([
    ['no text', ''],
    ['no title', 'Just this text.'],
    ['a title of two lines', '{{title}}\nor not\n==='],
    ['a comment first', '<!-- {{title}} -->'],
    ['a folded part first', '<details>\n<summary>x</summary>\n\n# {{title}}\n\n</details>'],
    ['a code block first', '```\n# {{title}}\n```'],
  ])('comes first in a template with %s', (_, template) => {
    expect(reportWith({ 'report.hbs': template })).toMatch(/^> \[!WARNING\]\n> \*\*Demo only/)
  })

  it('is the first block below the title in any template', () => {
    for (const template of ['# {{title}}', '# {{title}} <!--\n\nx -->', '# {{title}}\nMore.']) {
      const [title, alert] = parseMarkdown(reportWith({ 'report.hbs': template })).children
      expect([title?.type, alert?.type]).toEqual(['heading', 'blockquote'])
    }
  })

  it.each(["' '", "'<!-- -->'"])('is an error if a project replaces its word by %s', (word) => {
    const text = withTemplates('en', {}).get('words.yaml')?.text ?? ''
    const emptied = text.replace(/^banner\.standIn:.*$/m, `banner.standIn: ${word}`)
    expect(() => reportWith({ 'words.yaml': emptied })).toThrow('`banner.standIn` is empty')
  })
})
