/** Title, question, label and hypothesis of the experiment that tests a cause, in the words of the templates. */
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
  const what = plainText(causeWords.write(`next.${cause}.do`))
  const percent = `${Math.abs(claim.percent)}%`
  return {
    title: plainText(causeWords.write('next.title', { experiment: experiment.title, what })),
    question: plainText(causeWords.write(`next.${cause}.learn`)),
    label: what,
    statement: plainText(causeWords.write(`next.statement.${claim.kind}`, { what, percent })),
  }
}
