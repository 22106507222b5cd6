/** The templates and words of one locale, checked and compiled for reports. */
import { compileTemplates, type TemplateSet } from '../templates/templates.ts'
import { readWords, type Words } from '../templates/words.ts'
import { readCauseWords, type CauseWords } from './cause-words.ts'
import { readMetricWords, type MetricWords } from './labels.ts'
import { reportShape, type ReportView } from './view.ts'

export interface Templates {
  readonly render: (view: ReportView) => string
  readonly words: Words
  readonly causeWords: CauseWords
  readonly metricWords: MetricWords
}

/** Template sets are read-only, so a compiled set stays valid. */
const prepared = new WeakMap<TemplateSet, Templates>()

/** @throws `ExpError('template')` if a template is missing, malformed, or names a value that does not exist */
export function prepareTemplates(set: TemplateSet): Templates {
  const known = prepared.get(set)
  if (known) return known
  const made = {
    render: compileTemplates(set, reportShape),
    words: readWords(set, 'words'),
    causeWords: readCauseWords(set),
    metricWords: readMetricWords(set),
  }
  prepared.set(set, made)
  return made
}
