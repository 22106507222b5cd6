/** The values of the first screen of a report that templates may name: links and the answer. */
import { flag, group, list, markdown, optional, text, type View } from '../templates/shape.ts'

export const linksShape = group('Where to read on, and how to repeat the measurement.', {
  languages: list(
    'The report in other languages.',
    group('A language.', {
      name: text('Its own name, from `language.` in `words.yaml`.'),
      file: text('The file of the report, relative to this one.'),
    }),
  ),
  experiment: text('The path of the experiment file, relative to the report.'),
  results: flag('Results are stored, in the folder `results` beside the report.'),
  command: optional(
    markdown('The command that repeats the measurement; absent if nothing can be measured.'),
  ),
})

export const conclusionShape = group('The answer to the question, at the top of the report.', {
  question: optional(text('The question that the experiment asks.')),
  warnings: list(
    'What the file declares and the machine or the server contradicts.',
    markdown('A warning about the hardware or a model, from `answer.other…` in `words.yaml`.'),
  ),
  answers: list(
    'The answer in figures.',
    markdown('One sentence, from `answer.` in `words.yaml`.'),
  ),
  time: optional(
    markdown(
      'Picture: the parts of the mean latency of each config, with the ratio to the baseline.',
    ),
  ),
  claims: optional(
    markdown('Picture: the interval of each hypothesis against its target and the noise floor.'),
  ),
  hypotheses: optional(
    markdown('Table: each hypothesis with its target, the measured value and the verdict.'),
  ),
  notes: list(
    'Explanations of verdicts.',
    group('A note.', {
      ids: text('The hypotheses that it explains.'),
      text: text('The note, from `verdictNote.` or `noVerdict.` in `words.yaml`.'),
    }),
  ),
  todo: optional(markdown('What to do about it, in one line.')),
})

export type LinksView = View<typeof linksShape>
export type ConclusionView = View<typeof conclusionShape>
