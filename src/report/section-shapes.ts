/** The values that templates may name in the larger sections: links, conclusion, causes and recommendations. */
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
  own: flag('There is one config: its latency is explained, not a difference.'),
  notShown: flag('That difference is within noise.'),
  open: flag('It is clear in the tables, but not at the stricter confidence of the conclusion.'),
  notCompared: optional(
    text('Why tables and conclusion do not compare the two sides, if they do not.'),
  ),
  notJudged: optional(text('Why the two sides are not compared, if they are not.')),
  demo: flag('The results are a demo.'),
  untested: flag('Too few rounds for an interval, so that nothing is proven.'),
  nothing: flag('No cause was found for it.'),
  models: optional(text('The models of its two sides, if the file declares different ones.')),
  findings: list('The most critical first; empty if the difference is within noise.', finding),
  bases: list(
    'Why these causes cost time, to fold away.',
    group('A cause.', {
      name: markdown('Its name.'),
      basis: markdown('Why such a cause costs time, with its sources.'),
    }),
  ),
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
  estimates: list(
    "The experimenter's guesses, which nothing proves.",
    group('A guess.', { name: text('What it is about.'), value: text('Its size.') }),
  ),
  others: list(
    'Other differences that are not within noise, each in one line.',
    group('A difference.', {
      what: markdown('The difference.'),
      notJudged: optional(text('Why its two sides are not compared, if they are not.')),
      nothing: flag('No cause was found for it.'),
      models: optional(text('The models of its two sides, if the file declares different ones.')),
      causes: markdown('Its causes with their claims, the most critical first.'),
    }),
  ),
  folded: list(
    'To fold away: the evidence about other differences, and all differences within noise. Facts about those are no causes, and have no order.',
    group('A difference.', {
      what: markdown('The difference.'),
      notShown: flag('It is within noise.'),
      notJudged: optional(text('Why its two sides are not compared, if they are not.')),
      findings: list('The causes or facts.', finding),
    }),
  ),
})

const recommendation = group('A recommendation.', {
  number: text('Its number, from 1.'),
  name: markdown('What to do, from `fix.` in `causes.yaml`.'),
  against: markdown('The numbers of the causes that it addresses.'),
  expected: optional(markdown('The largest gain that can be expected.')),
  command: optional(markdown('The command that writes an experiment to test it.')),
  changes: list(
    'The settings to change: a `diff` per config, or code for settings of other places.',
    markdown('A code block.'),
  ),
  whole: list(
    'All settings of the configs after the change, to paste; empty if no setting of a config changes.',
    markdown('A code block.'),
  ),
})

const align = group(
  'Settings with which the two sides of the main difference would differ only in their deployment.',
  {
    config: text('Label of the slower config.'),
    base: text('Label of the config whose settings it gets.'),
    changes: list('The settings to change.', markdown('A `diff` block.')),
  },
)

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
  align: optional(align),
})

export type CausesView = View<typeof causesShape>
export type FindingView = View<typeof finding>
export type AdviceView = View<typeof adviceShape>
export type AlignView = View<typeof align>

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

export const capacityShape = group('How much load the configs with levels can serve.', {
  picture: optional(markdown('Picture: throughput and latency over the levels of the load.')),
  configs: list(
    'The configs that are measured at several levels of their load.',
    group('A config.', {
      sentences: list(
        'How much it can serve, where throughput stops growing, and where requests begin to wait.',
        markdown('One sentence, from `capacity.` in `words.yaml`.'),
      ),
      table: markdown('Table: each level with its figures and whether it meets the objectives.'),
    }),
  ),
})
export type CapacityView = View<typeof capacityShape>

export const legendShape = group(
  'How to read the marks; only in the first group whose table has marks.',
  {
    untested: flag('Too few rounds: some changes of measured figures have no interval.'),
    otherBatches: flag('Requests of these configs have different numbers of inputs to embed.'),
    recorded: flag('Some figures come from a document.'),
    recordedTested: flag('Some changes of figures from a document have an interval.'),
    intervals: flag('Some changes have intervals.'),
  },
)

export const gridShape = group('What the factors of `vary` are worth.', {
  worth: list(
    'The effects on each metric that the file asks about.',
    group('A metric.', {
      metric: text('Its label.'),
      table: markdown(
        'Table: each pair of levels of each factor, its effect, and whether it matters.',
      ),
    }),
  ),
  rounds: optional(text('The number of rounds behind the intervals; absent without intervals.')),
  partial: flag('Some combinations are left out, because not all levels of a factor have them.'),
  interactions: list(
    'The interactions of two factors beyond noise.',
    markdown('One sentence, `factor.interaction` in `words.yaml`.'),
  ),
  tested: optional(text('The number of interactions that were tested.')),
  cells: optional(markdown('Table: each combination with its figure and its rank.')),
  ranked: flag('The best combinations are marked.'),
  otherCells: list('The same for the other metrics, to fold away.', markdown('A table.')),
})

export const footerShape = group('The last line.', {
  version: text('`v1.0`.'),
  createdAt: optional(text('When its newest result was measured.')),
  standIn: flag('The results are those of a stand-in.'),
  open: flag('Results are missing: the version is still open.'),
  failedTrials: flag('The version is complete, but some trials failed.'),
  done: text('The number of configs with results.'),
  all: text('The number of configs.'),
  lock: text('File name of the lock.'),
})

export const tuningShape = group('What a race between settings showed.', {
  settings: list(
    'The settings in which the best config differs from the default, for each place where they can be set. Empty unless its gain is proven.',
    group('A place.', {
      title: markdown('What it is for, from `tuning.` in `words.yaml`.'),
      code: markdown('Code block.'),
    }),
  ),
  check: optional(
    markdown(
      "Code block: the command that measures the default against the reader's own server with these settings. Absent unless a gain is proven.",
    ),
  ),
  command: markdown('The command that repeats race and confirmation.'),
  budget: text('The time that they may take: `20 min`.'),
  factors: optional(
    markdown('Table: each pair of levels of each setting, its effect, and whether it matters.'),
  ),
  factorRounds: optional(text('The number of rounds behind that table.')),
  picture: optional(
    markdown(
      'Image: what is maximised against the P95 latency, with the configs that no other one beats in both.',
    ),
  ),
  standing: markdown('Table: each config with its rounds and figures, and why it is out.'),
  ignoreBelow: text(
    'Settings that are worse than the best by less than this count as equally good: `3%`.',
  ),
})

export type TuningView = View<typeof tuningShape>

export const definitionShape = group('A definition.', {
  name: text('The defined term.'),
  text: markdown('The definition.'),
})

export const historyShape = group('The versions of this report.', {
  table: markdown('Table: versions, newest first, each with its changes and its headline figures.'),
  picture: optional(
    markdown('Picture: the headline figures over the versions, from the third on.'),
  ),
})
