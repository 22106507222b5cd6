/** What templates may name of causes and recommendations. */
import { flag, group, list, markdown, optional, text, type View } from '../templates/shape.ts'

const finding = group('A cause that was found.', {
  number: text('Its number, from 1.'),
  indent: markdown('As much space as its number takes, for a list below it.'),
  rank: text('Its rank, from `rank.` in `causes.yaml`.'),
  name: markdown('What it is, from `cause.`.'),
  claim: markdown('How sure it is, and what it can account for at most.'),
  evidence: optional(markdown('What it rests on, a sentence.')),
  against: optional(markdown('What speaks against it.')),
  reservations: optional(markdown('What cannot be told apart from it.')),
  basis: markdown('Why such a thing costs time, with its source.'),
})

export const causesShape = group('Why one config is slower than another.', {
  what: optional(markdown('The difference that is explained.')),
  notShown: flag('That difference is within noise.'),
  untested: flag('Too few rounds for an interval, so that nothing is proven.'),
  nothing: flag('No cause was found for it.'),
  findings: list('The most critical first.', finding),
  unexplained: optional(text('What no cause accounts for, of the parts that differ.')),
  ruledOut: optional(markdown('The causes that were ruled out, in one line.')),
  ruledOutEvidence: list(
    'The same, each with its evidence.',
    group('A cause.', { name: markdown('What it is.'), evidence: markdown('A sentence.') }),
  ),
  unchecked: list(
    'What is missing in the results, and what could not be looked at without it.',
    group('Something missing.', {
      missing: markdown('What is missing, and of which config.'),
      causes: markdown('The causes.'),
    }),
  ),
  toRecord: optional(markdown('What a document would have to say, so that causes could be told.')),
  others: list(
    'Other differences, each with its causes.',
    group('A difference.', {
      what: markdown('The difference.'),
      notShown: flag('It is within noise.'),
      nothing: flag('No cause was found for it.'),
      findings: list('The most critical first.', finding),
    }),
  ),
})

export const adviceShape = group('What follows from the causes.', {
  now: list(
    'What can be done at once, for causes that are proven or likely.',
    group('A recommendation.', {
      number: text('Its number, from 1.'),
      name: markdown('What to do, from `fix.` in `causes.yaml`.'),
      against: markdown('The numbers of the causes that it is for.'),
      expected: optional(markdown('What it can bring back at most.')),
      code: list('Settings to paste, in the form of the target.', markdown('A code block.')),
    }),
  ),
  next: optional(markdown('Table: experiments that would tell more, each with its command.')),
})

export type CausesView = View<typeof causesShape>
export type FindingView = View<typeof finding>
export type AdviceView = View<typeof adviceShape>
