import Handlebars from 'handlebars'
import type { Sample, Workload } from './experiment.ts'
import { readPromptTemplate } from './prompt-fields.ts'
import { isRead } from './values/reading.ts'

/**
 * The prompt of a checked workload, as a function of the sample. Values are set in as they are, unescaped,
 * and never read as templates; a field that `{{#if}}` asks about may be missing.
 */
export function compilePrompt(workload: Pick<Workload, 'prompt'>): (sample: Sample) => string {
  const template = readPromptTemplate(workload.prompt)
  if (!isRead(template)) throw new TypeError(template.wrong)
  const render = Handlebars.create().compile<object>(workload.prompt, {
    noEscape: true,
    strict: true,
    knownHelpersOnly: true,
  })
  return ({ fields, expected }) => render({ ...fields, expected })
}
