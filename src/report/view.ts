/**
 * The shape of the view that templates render: every value and block of a report, with a description. The types of
 * the sections' results follow from it, and so does the guide in `templates/README.md`.
 */
import {
  footerShape,
  adviceShape,
  capacityShape,
  causesShape,
  conclusionShape,
  definitionShape,
  gridShape,
  historyShape,
  legendShape,
  linksShape,
  tuningShape,
} from './section-shapes.ts'
import { flag, group, list, markdown, optional, text, type View } from '../templates/shape.ts'

const environment = group('What was measured, where and when.', {
  device: optional(
    text('The device that the file declares, if figures are recorded or no machine was detected.'),
  ),
  ofRecorded: flag('Some figures are recorded; they come from the declared device.'),
  detected: optional(text('The machines that were detected.')),
  model: optional(text('The models with their declared sizes.')),
  modelFacts: optional(text('Quantisation and parameters, if all configs agree.')),
  modelDigest: optional(markdown('Digest of the model, 12 digits, if all configs agree.')),
  planned: flag(
    'All figures come from documents; server, dataset and load describe configs that are not measured yet.',
  ),
  server: optional(text('The servers with their versions.')),
  computeDevice: optional(text('The compute device, if all configs have the same.')),
  engine: optional(
    text(
      'The CPUs and the memory of a container engine in a virtual machine; absent if it has the whole machine.',
    ),
  ),
  elsewhere: list(
    'Where the load generator ran, for servers on another machine.',
    text('One machine of servers; from `elsewhere.` in `words.yaml`.'),
  ),
  dataset: optional(text('The datasets with their number of samples.')),
  load: optional(text('Users or rate, length of a trial, number of rounds, total of requests.')),
  testedAt: optional(text('When it was measured: start and end.')),
  recordedAt: optional(text('The dates of recorded figures.')),
  stated: list(
    'What documents say about the servers of recorded configs, which was not measured.',
    group('What one source says about one config.', {
      config: text('The config.'),
      source: text('The document, or an excerpt of a log; from `source.` in `words.yaml`.'),
      facts: text('The facts.'),
    }),
  ),
})

const configGroup = group('A group of configs.', {
  name: optional(text('Name of the group; absent if it is the only group and has no name.')),
  sources: list(
    'The documents that recorded figures come from.',
    group('A document.', {
      label: optional(text('The config, if the group has more than one.')),
      source: text('The document.'),
      date: text('Its date.'),
    }),
  ),
  states: optional(text('The configs without complete results, and how far each is.')),
  loads: optional(
    text('The load of each config, if configs differ: latency and throughput belong to a load.'),
  ),
  tables: list(
    'Figures and changes of headline metrics, and of those that claims or `show` name.',
    markdown('A table.'),
  ),
  legend: optional(legendShape),
  trades: list(
    'Changes that make first tokens sooner and decoding slower, or the other way round.',
    markdown('One sentence, from `trade.` in `words.yaml`.'),
  ),
  items: optional(markdown('Table: the figures of each item of the mixes, to fold away.')),
  turns: optional(markdown('Table: the figures of each turn of the conversations.')),
  otherTables: list('All other figures and changes, to fold away.', markdown('A table.')),
  settings: list(
    'The settings of the configs, in order.',
    markdown('Code block: `bash` exports or Compose `yaml`, with a comment for each setting.'),
  ),
})

const latencyParts = group('The parts of mean latency.', {
  table: markdown(
    'Table: the parts of mean latency of each config, and the differences between configs.',
  ),
  shares: flag('The table has shares.'),
  named: flag('The table has several differences, so that a sentence about one must name it.'),
  decode: list(
    'The decode part of each difference in the table.',
    group('A difference.', {
      config: text('Label of the slower config.'),
      base: text('Label of the config that it is compared with.'),
      total: text('The difference in decode time, in milliseconds.'),
      moreTokens: text('Milliseconds of it that come from longer answers.'),
      slowerTokens: text('Milliseconds of it that come from slower tokens.'),
    }),
  ),
})

const finding = group('A finding.', {
  failed: flag('A failure.'),
  audit: markdown('Name of the check.'),
  configs: text('Labels of the configs that it concerns.'),
  text: markdown('What was found, from `audit.` in `words.yaml`.'),
  rounds: optional(text('The number of trials that it concerns; absent for recorded figures.')),
  checked: text('The number of trials that were checked.'),
})

const audits = group('The checks of all trials and recorded figures.', {
  kinds: text('The number of kinds of check that applied.'),
  trials: optional(text('The number of trials that ended, if any did.')),
  passed: optional(text('The number of kinds that passed everywhere, if any did.')),
  failed: optional(text('The number of kinds that failed somewhere, if any did.')),
  warned: optional(text('The number of kinds with a warning somewhere, if any had one.')),
  undecided: optional(text('The number of kinds that lack data somewhere, if any do.')),
  findings: list('Failures, then warnings.', finding),
  unclear: list(
    'Checks that are inconclusive, because there is too little data for a test.',
    finding,
  ),
  unchecked: optional(markdown('Names of the checks for which no data was recorded.')),
  table: optional(markdown('Table: the checks that passed, what they require, what was found.')),
})

const models = group('The models of the measured configs, if they differ.', {
  table: markdown(
    'Table: name, parameters, quantisation, sizes, share on the GPU, speeds and scores of each model.',
  ),
  speed: text('The metric that stands for speed.'),
  choices: list(
    'Quality against speed, if the configs have scores: how each config compares with the others.',
    markdown('One sentence, from `choice.` in `words.yaml`.'),
  ),
  confidence: optional(text('The confidence of the intervals that these sentences rest on.')),
  noScores: flag('The datasets have no checks, so that nothing is known about quality.'),
})

const comparison = group('All configs compared with the baseline.', {
  ratios: optional(
    markdown(
      'Table: the figure of each config as a ratio to the baseline; latency, unless `rankBy` or different models make it another metric.',
    ),
  ),
  good: optional(text('Up to this ratio a config is good; absent if no status depends on it.')),
  poor: optional(
    text('Up to this ratio a config is poor, above it bad; absent if no status depends on it.'),
  ),
  moreIsBetter: flag(
    'More of the metric is better: from `good` on a config is good, from `poor` on poor, below it bad.',
  ),
  models: optional(models),
  latencyParts: optional(latencyParts),
  gpu: optional(
    markdown(
      'Table: compute device, layers on the GPU and decode speed, if the configs differ in them.',
    ),
  ),
  differences: optional(markdown('Table: settings that differ between configs.')),
  differenceSources: optional(markdown('Where the effective values were read.')),
  differencesStated: flag('Some cells show what a document states.'),
  differencesExcerpt: flag('Some cells show what a log excerpt beside a document shows.'),
  differencesInherited: flag('Some cells show options that a recorded config inherits.'),
  differencesRequested: flag('Some cells show only a requested value.'),
  differencesUnset: flag('Some cells show that nothing was set.'),
  differencesIdle: optional(
    text('The number of variables that differ without effect; the table leaves them out.'),
  ),
  differencesOnlyRequested: flag('All cells show only requested values.'),
})

const reliability = group('What may change the answer, and how sure the figures are.', {
  documents: optional(
    group('Figures that come from a document.', {
      configs: text('The configs that have them.'),
      tested: flag('Some of their changes have an interval.'),
      stated: list(
        'Comparisons whose servers differ according to a document.',
        group('A comparison.', {
          config: text('Label of the config.'),
          base: text('Label of the config that it is compared with.'),
          differences: text('The differences.'),
        }),
      ),
      samples: optional(
        group('The number of samples of each config, if they differ by ten times or more.', {
          counts: text('Each config with its number of samples.'),
          fewest: text('The smallest number.'),
          most: text('The largest number.'),
        }),
      ),
      users: optional(
        text('Each config with its number of users, if they differ or some are not recorded.'),
      ),
    }),
  ),
  otherHosts: list(
    'Comparisons between configs that were measured on different machines.',
    group('A comparison.', {
      config: text('Label of the config.'),
      base: text('Label of the config that it is compared with.'),
    }),
  ),
  failedTrials: list(
    'Trials that did not end.',
    group('Trials of one config that did not end for the same reason.', {
      label: text('Label of the config.'),
      rounds: text('Their rounds.'),
      several: flag('More than one.'),
      outcome: text('What happened, from `outcome.` in `words.yaml`.'),
      reason: optional(text('The message of the program or the server.')),
    }),
  ),
  failedRequests: list(
    'Failed requests of a config, by kind.',
    group('A kind of failure.', {
      label: text('Label of the config.'),
      count: text('The number of requests.'),
      kind: text('The kind, from `failure.` in `words.yaml`.'),
      error: optional(text('The message of the first.')),
      example: flag('Others have another message.'),
    }),
  ),
  mixed: list(
    'Configs whose trials had different servers or models.',
    group('A config.', {
      label: text('Its label.'),
      changed: text('The facts that changed, each with its values.'),
    }),
  ),
  undeclared: list(
    'Pairs of configs with differences that the experiment file neither declares nor accepts.',
    group('A pair.', {
      config: text('Label of the config.'),
      base: text('Label of the config that it is compared with.'),
      differences: text('The differences.'),
    }),
  ),
  hiddenChanges: list(
    'Changes that have no mark because the load generator may have made them.',
    markdown('A comparison, as a sentence from `timingError.` in `words.yaml`.'),
  ),
  audits: optional(audits),
  dropped: list(
    'Excluded runs.',
    group('A run.', { run: markdown('Its id.'), why: text('The reason.') }),
  ),
  certainty: list(
    'How sure the figures are: order of trials, noise floor, smallest detectable changes and the like.',
    markdown('One sentence, from `certainty.` in `words.yaml`.'),
  ),
  shortened: flag('Tables were shortened to keep the report below its size limit.'),
})

/** The root of the view. */
export const reportShape = group('The report.', {
  title: text('Title of the experiment.'),
  links: linksShape,
  conclusion: conclusionShape,
  grid: optional(gridShape),
  tuning: optional(tuningShape),
  environment,
  groups: list('One section per group of configs, in the order of the file.', configGroup),
  capacity: optional(capacityShape),
  comparison: optional(comparison),
  causes: optional(causesShape),
  advice: optional(adviceShape),
  analysis: optional(
    markdown("The experimenter's own `analysis`, with headings below the section's heading."),
  ),
  reliability,
  definitions: list('Definitions of everything that the report shows.', definitionShape),
  history: historyShape,
  footnotes: optional(markdown('The footnotes of all tables.')),
  footer: footerShape,
})

export type ReportView = View<typeof reportShape>
export type EnvironmentView = View<typeof environment>
export type GridView = View<typeof gridShape>
export type GroupView = View<typeof configGroup>
export type LegendView = View<typeof legendShape>
export type ComparisonView = View<typeof comparison>
export type ModelsView = View<typeof models>
export type AuditsView = View<typeof audits>
export type LatencyPartsView = View<typeof latencyParts>
export type ReliabilityView = View<typeof reliability>
export type DefinitionView = View<typeof definitionShape>
export type FooterView = View<typeof footerShape>
