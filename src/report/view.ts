/**
 * What templates may name: every block and value of a report, each with what it is. The guide in
 * `templates/README.md` is made from this.
 */
import { adviceShape, causesShape } from './cause-view.ts'
import { flag, group, list, markdown, optional, text, type View } from '../templates/shape.ts'

const conclusion = group('The answer, first of all.', {
  question: optional(text('The question that the experiment asks.')),
  answers: list(
    'The answer in figures, a sentence each.',
    markdown('One sentence, from `answer.` in `words.yaml`.'),
  ),
  hypotheses: optional(markdown('Table: each hypothesis with its target and what was measured.')),
  notes: list(
    'What stands behind verdicts that are not plain.',
    group('A note.', {
      ids: text('The hypotheses that it is about.'),
      text: text('The note, from `verdictNote.` or `noVerdict.` in `words.yaml`.'),
    }),
  ),
  claims: optional(
    text('How many claims are judged together, where that makes their intervals wider.'),
  ),
})

const environment = group('What was measured, where and when.', {
  device: optional(text('The device as the experiment declares it.')),
  detected: optional(text('The machine as it was detected; several are separated.')),
  model: optional(text('The models with their declared sizes.')),
  modelFacts: optional(text('Quantisation and parameters, where all configs agree.')),
  modelDigest: optional(markdown('Digest of the model, 12 digits, where all configs agree.')),
  planned: flag(
    'Figures come from documents alone: server, dataset and load are those of configs yet to be measured.',
  ),
  server: optional(text('The servers with their versions.')),
  dataset: optional(text('The datasets with their number of samples.')),
  load: optional(text('Users or rate, length of a trial, rounds, requests in all.')),
  testedAt: optional(text('From when to when it was measured.')),
  recordedAt: optional(text('The dates of recorded figures.')),
})

const legend = group('How to read the marks; with the first table that has some.', {
  rounds: optional(text('Over how many rounds figures are combined, where more than one.')),
  intervals: flag('Changes carry intervals.'),
  untested: flag('Some changes of measured figures have no interval, so nothing was tested.'),
  recorded: flag('Some figures come from a document.'),
  samples: optional(text('Number of distinct samples that scores rest on.')),
})

const configGroup = group('A group of configs.', {
  name: optional(text('Name of the group; absent for a lone one that the file does not name.')),
  sources: list(
    'The documents that recorded figures come from.',
    group('A document.', {
      label: optional(text('The config, where the group has more than one.')),
      source: text('The document.'),
      date: text('Its date.'),
    }),
  ),
  states: optional(text('Configs without complete results, and how far each is.')),
  tables: list('Figures and changes.', markdown('A table.')),
  legend: optional(legend),
  settings: list(
    'Settings of its configs, in order.',
    markdown('Code block: `bash` exports or Compose `yaml`, each setting with a comment.'),
  ),
})

const latencyParts = group('What mean latency is made of.', {
  table: markdown(
    'Table: the parts of mean latency for each config, and the differences that are told.',
  ),
  shares: flag('The table has shares.'),
  decode: list(
    'The decode part of each difference that is told.',
    group('A difference.', {
      config: text('Label of the config.'),
      base: text('Label of what it is compared with.'),
      total: text('Milliseconds more of decoding.'),
      moreTokens: text('Of these, for longer answers.'),
      slowerTokens: text('Of these, for slower tokens.'),
    }),
  ),
})

const audits = group('The audits of all trials and recorded figures.', {
  kinds: text('How many kinds of audit applied.'),
  trials: optional(text('How many trials ended, where any did.')),
  passed: optional(text('Kinds that passed everywhere, where any did.')),
  failed: optional(text('Kinds that failed somewhere, where any did.')),
  warned: optional(text('Kinds with a warning somewhere, where any had.')),
  findings: list(
    'Failures, then warnings.',
    group('A finding.', {
      failed: flag('A failure, not a warning.'),
      audit: markdown('Name of the audit.'),
      configs: text('Labels of the configs in which it was found.'),
      text: markdown('What was found, from `audit.` in `words.yaml`.'),
      rounds: optional(text('In how many trials; absent for recorded figures.')),
      checked: text('Of how many trials.'),
    }),
  ),
  unchecked: optional(markdown('Names of audits for which nothing was recorded.')),
  table: optional(markdown('Table: audits that passed, what they expect, what was found.')),
})

const comparison = group('All configs beside the baseline.', {
  ratios: optional(markdown('Table: each config as times the baseline, best first.')),
  good: text('Times the baseline up to which a config is good.'),
  poor: text('Times the baseline up to which a config is poor; above it, it is bad.'),
  latencyParts: optional(latencyParts),
  differences: optional(markdown('Table: settings that differ between configs.')),
  differenceSources: optional(markdown('Where the effective values were read.')),
  differencesAsked: flag('Some of them are only what was asked for.'),
  differencesUnset: flag('Some cells say that nothing was set.'),
  differencesOnlyAsked: flag('All of them are only what was asked for.'),
})

const reliability = group('How far the figures can be trusted.', {
  measured: flag('At least one trial ran.'),
  rounds: text('Rounds that the experiment asks for.'),
  severalRounds: flag('More than one round.'),
  alternating: flag('More than one config took turns.'),
  oddRounds: flag('The number of rounds is odd, so a little drift is left.'),
  warmup: optional(text('Requests before each trial that do not count.')),
  cacheCold: flag('Prompts were made unique.'),
  settle: optional(text('Pause before each trial.')),
  seed: optional(text('The seed of order and samples.')),
  documents: optional(
    group('Figures that come from a document.', {
      configs: text('The configs that have them.'),
      samples: optional(
        group('How many samples they rest on, where that is uneven by ten times or more.', {
          counts: text('Each config with its number of samples.'),
          fewest: text('The smallest number.'),
          most: text('The largest number.'),
        }),
      ),
      users: optional(text('Each config with its users, where they are not known to be the same.')),
    }),
  ),
  unpaired: list(
    'Comparisons between different runs.',
    group('A comparison.', {
      config: text('Label of the config.'),
      base: text('Label of what it is compared with.'),
      otherHost: flag('They were measured on different machines.'),
    }),
  ),
  failedTrials: list(
    'Trials that did not end.',
    group('Trials of one config that ended alike.', {
      label: text('Label of the config.'),
      rounds: text('Their rounds.'),
      several: flag('More than one.'),
      outcome: text('What happened, from `outcome.` in `words.yaml`.'),
      reason: optional(text('What the program or the server said.')),
    }),
  ),
  failedRequests: list(
    'Failed requests of a config, by kind.',
    group('A kind of failure.', {
      label: text('Label of the config.'),
      count: text('How many.'),
      kind: text('The kind, from `failure.` in `words.yaml`.'),
      error: optional(text('What was said of the first.')),
    }),
  ),
  undeclared: list(
    'Pairs that differ in what the file does not declare.',
    group('A pair.', {
      config: text('Label of the config.'),
      base: text('Label of what it is compared with.'),
      differences: text('In what they differ.'),
      accepted: flag('The file accepts it.'),
    }),
  ),
  floor: optional(
    group('The noise floor, where changes are marked.', {
      percent: text('Changes within it are never ⬆️ or ⬇️.'),
      run: optional(markdown('The A/A run that measured it.')),
      config: optional(text('The config that was compared with itself.')),
      measured: optional(text('What was measured, metric by metric.')),
    }),
  ),
  detectable: optional(
    group(
      'The smallest changes that this many rounds would have shown, where there are intervals.',
      {
        power: text('In what share of such runs.'),
        changes: list('Pair by pair.', markdown('A pair with its smallest changes.')),
      },
    ),
  ),
  audits: optional(audits),
  dropped: list(
    'Runs taken out of use.',
    group('A run.', { run: markdown('Its id.'), why: text('Why.') }),
  ),
  cutOffRuns: list(
    'Runs that were cut off and are not in this report.',
    markdown('Id of the run.'),
  ),
  shortened: flag('Tables were shortened to keep the report below its size limit.'),
})

const definition = group('A definition.', {
  name: text('What is defined.'),
  text: markdown('The definition.'),
})

const history = group('The versions of this report.', {
  table: markdown('Table: versions, newest first, each with its changes and its headline figures.'),
})

const footer = group('The last line.', {
  version: text('`v1.0`.'),
  createdAt: optional(text('When its newest result was measured.')),
  open: flag('Results are missing: the version is still open.'),
  failedTrials: flag('The version is complete, but some trials failed.'),
  done: text('How many configs have results.'),
  all: text('How many configs there are.'),
  lock: text('File name of the lock.'),
})

/** The root of the view. */
export const reportShape = group('The report.', {
  title: text('Title of the experiment.'),
  conclusion,
  environment,
  groups: list('One section a group of configs, in the order of the file.', configGroup),
  comparison: optional(comparison),
  causes: optional(causesShape),
  advice: optional(adviceShape),
  analysis: optional(markdown("The experimenter's own `analysis`, headings demoted.")),
  reliability,
  definitions: list('Definitions of what the report shows.', definition),
  history,
  footnotes: optional(markdown('The footnotes of all tables.')),
  footer,
})

export type ReportView = View<typeof reportShape>
export type ConclusionView = View<typeof conclusion>
export type EnvironmentView = View<typeof environment>
export type GroupView = View<typeof configGroup>
export type LegendView = View<typeof legend>
export type ComparisonView = View<typeof comparison>
export type AuditsView = View<typeof audits>
export type LatencyPartsView = View<typeof latencyParts>
export type ReliabilityView = View<typeof reliability>
export type DefinitionView = View<typeof definition>
export type FooterView = View<typeof footer>
