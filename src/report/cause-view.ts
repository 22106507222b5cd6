/** The values of causes and recommendations that templates may name. */
import { flag, group, list, markdown, optional, text, type View } from '../templates/shape.ts'

const finding = group('A cause that was found.', {
  number: text('Its number, from 1.'),
  listed: flag('It is a bullet instead of a numbered entry, because the results are a demo.'),
  indent: markdown('Spaces as wide as its number or bullet, for a list below it.'),
  rank: optional(
    text('Its rank, from `rank.` in `causes.yaml`; absent if its share is not known.'),
  ),
  name: markdown('Its name, from `cause.` in `causes.yaml`.'),
  claim: markdown(
    'How certain it is, the most that it can account for, and what removing it could save.',
  ),
  evidence: optional(markdown('The evidence, as a sentence.')),
  against: optional(markdown('The evidence against it, as a sentence.')),
  reservations: optional(
    markdown(
      'Why the evidence may have another reason, or why the cause may cost nothing, as a sentence.',
    ),
  ),
  basis: markdown('Why such a cause costs time, with its sources.'),
})

const excluded = group('Evidence.', {
  causes: markdown('The names of the causes.'),
  evidence: markdown('A sentence.'),
})

const lacking = group('A missing fact.', {
  missing: markdown('The missing facts, and the configs that lack them.'),
  causes: markdown('The causes that could not be checked.'),
})

export const causesShape = group('Why one config is slower than another.', {
  what: optional(markdown('The difference to explain, as a sum if gains offset its causes.')),
  notShown: flag('That difference is within noise.'),
  notJudged: optional(text('Why the two sides are not compared, if they are not.')),
  demo: flag('The results are a demo.'),
  untested: flag('Too few rounds for an interval, so that nothing is proven.'),
  nothing: flag('No cause was found for it.'),
  findings: list('The most critical first; empty if the difference is within noise.', finding),
  unexplained: optional(text('The milliseconds that no cause accounts for.')),
  pair: optional(
    markdown(
      'The two configs that differ, if there are other differences that the lists below leave out.',
    ),
  ),
  ruledOutCount: optional(text('The number of causes that were ruled out, if any were.')),
  ruledOut: list('The evidence that rules out causes of the difference.', excluded),
  ruledOutInAll: list(
    'The evidence that rules out causes in all configs. Empty without other differences: `ruledOut` then contains it.',
    excluded,
  ),
  uncheckedCount: optional(text('The number of causes that could not be checked, if any.')),
  unchecked: list('Facts that the results lack, each with the causes that need it.', lacking),
  uncheckedInAll: list(
    'Likewise, for causes that were sought in all configs. Empty without other differences.',
    lacking,
  ),
  toRecord: optional(
    markdown('The facts that a document should record, so that causes can be found.'),
  ),
  others: list(
    'Other differences, each with its causes.',
    group('A difference.', {
      what: markdown('The difference.'),
      notShown: flag('It is within noise.'),
      notJudged: optional(text('Why its two sides are not compared, if they are not.')),
      nothing: flag('No cause was found for it.'),
      findings: list('The most critical first; empty if it is within noise.', finding),
    }),
  ),
  withinNoise: list(
    'Differences within noise or not judged, for which facts were found: they are no causes, and have no order.',
    group('A difference.', {
      what: markdown('The difference.'),
      findings: list('The facts.', finding),
    }),
  ),
})

const recommendation = group('A recommendation.', {
  number: text('Its number, from 1.'),
  name: markdown('What to do, from `fix.` in `causes.yaml`.'),
  against: markdown('The numbers of the causes that it addresses.'),
  expected: optional(markdown('The largest gain that can be expected.')),
  code: list('Settings to paste, in the form of the target.', markdown('A code block.')),
})

export const adviceShape = group('The recommendations that follow from the causes.', {
  now: list('Changes to make now, for causes that are proven or likely.', recommendation),
  ranked: flag(
    'The difference is judged and beyond noise, so that recommendations have a priority.',
  ),
  housekeeping: list('Changes that affect no figure.', recommendation),
  housekeepingNext: optional(
    markdown(
      'Table: experiments that would show whether such a change affects a figure after all.',
    ),
  ),
  next: optional(markdown('Table: experiments that would test causes, each with its command.')),
})

export type CausesView = View<typeof causesShape>
export type FindingView = View<typeof finding>
export type AdviceView = View<typeof adviceShape>
