/** What the experiment that tests a cause is called, in the words of the templates. */
import type { NextTexts } from '../diagnosis/next-experiment.ts'
import type { NextTrial } from '../diagnosis/next-trial.ts'
import { plainText } from '../markdown/markdown.ts'
import type { ReportInput } from './report-input.ts'
import { prepareTemplates } from './prepared-templates.ts'

export function nextTexts(
  { experiment, templates }: Pick<ReportInput, 'experiment' | 'templates'>,
  { cause, claim }: NextTrial,
): NextTexts {
  const { causeWords } = prepareTemplates(templates)
  const say = (id: string, values: Readonly<Record<string, string>> = {}) =>
    plainText(causeWords.write(id, values))
  const what = say(`next.${cause}.do`)
  const percent = `${Math.abs(claim.percent)}%`
  return {
    title: say('next.title', { experiment: experiment.title, what }),
    question: say(`next.${cause}.learn`),
    label: what,
    statement: say(`next.statement.${claim.kind}`, { what, percent }),
  }
}
