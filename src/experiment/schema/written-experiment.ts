/** The experiment file as people write it, before inheritance and defaults; the source of the JSON schema. */
import { z } from 'zod'
import { limits } from '../../errors/limits.ts'
import { locales } from '../../format/locales.generated.ts'
import { metrics } from '../../metrics/catalog.ts'
import { acceptable } from '../experiment.ts'
import { otherExamples } from '../values/amount.ts'
import { suggestedVariables, writtenOptions } from './ollama-settings.ts'
import { snippets } from './editor-help.ts'
import { statedFacts } from './stated-facts.ts'
import { writtenDataset } from './written-dataset.ts'
import { metricName, writtenHypothesis } from './written-hypothesis.ts'
import { writtenObjectives } from './written-objectives.ts'
import { writtenModel } from './written-model.ts'
import { writtenTarget } from './written-target.ts'
import {
  byLocale,
  configKey,
  date,
  duration,
  envName,
  envValue,
  filledText,
  matching,
  lineScalar,
  longText,
  perLanguage,
  positiveDuration,
  text,
  withFewEntries,
} from './written-text.ts'
import { writtenTune } from './written-tune.ts'
import { writtenCapacity } from './written-capacity.ts'
import { writtenVary } from './written-vary.ts'
import { writtenConfigLoad, writtenConfigWorkload, writtenWorkload } from './written-workload.ts'

const env = withFewEntries(z.record(envName, envValue)).meta({
  description: 'Environment variables of the server. They override inherited ones, key by key.',
  suggestedKeys: suggestedVariables,
})

const recordedValue = z.union([text, z.number()])

const spreadKind = {
  spread: z.enum(['sd', 'se', 'ci95']).optional().meta({
    description:
      'What follows `±`: the standard deviation over runs, the standard error of their mean, or half the width of its 95% t interval.',
  }),
  runs: z
    .int()
    .min(2)
    .max(10_000)
    .optional()
    .meta({ description: 'The number of runs behind figures with `±`.' }),
}

const recorded = z
  .strictObject({
    source: byLocale(filledText).meta({
      description: `The document that the figures come from. ${perLanguage}`,
    }),
    date: date.meta({ description: 'When it was measured: `2025-08-06`.' }),
    metrics: withFewEntries(
      z.record(
        z.string(),
        z.union([
          recordedValue,
          z.array(recordedValue).max(1000),
          z.strictObject({
            value: recordedValue.meta({
              description: 'The figure with its unit: `475 ± 9 tokens/s`.',
            }),
            ...spreadKind,
          }),
        ]),
      ),
    ).meta({
      description:
        'Figures by metric, with their units: `{qps: 6.53/s, okRate: 100% (2/2)}`; of several runs as a list: `[5.21 tokens/s, 5.30 tokens/s]`; or with a spread: `475 ± 9 tokens/s`.',
      suggestedKeys: Object.fromEntries(metrics.map(({ id, unit }) => [id, `In ${unit}.`])),
    }),
    ...spreadKind,
    facts: statedFacts.optional().meta({
      description: 'What the document says about the server, for example `{device: CPU}`.',
    }),
    log: filledText.optional().meta({
      description:
        "Path of a text file with lines of the server's log, relative to this file. exp reads facts about the server from it too.",
    }),
  })
  .meta({
    description:
      'Figures from a document. They have an interval only with three or more runs, or with a spread of a known kind over three or more runs.',
  })

export const writtenConfig = z.strictObject({
  label: byLocale(filledText)
    .optional()
    .meta({ description: `Name of the config in reports. Default: the key. ${perLanguage}` }),
  group: byLocale(filledText)
    .optional()
    .meta({
      description: `Configs of one group share a section of the report. Default: the group of its \`from\`, or its label. ${perLanguage}`,
    }),
  from: text
    .optional()
    .meta({ description: 'The config that this one inherits from and is compared with.' }),
  target: writtenTarget.optional(),
  recorded: recorded.optional(),
  env: env.optional(),
  options: writtenOptions.optional(),
  model: writtenModel.optional(),
  load: writtenConfigLoad.optional(),
  workload: writtenConfigWorkload.optional(),
  dataset: text.optional().meta({
    description:
      'The dataset of this config, if it is not that of the file: the path of a dataset file, or the name of a private dataset.',
  }),
  host: filledText
    .optional()
    .meta({ description: 'Name of the machine that must measure this config.' }),
  settle: duration.optional().meta({ description: 'Pause before each trial of this config.' }),
  accept: withFewEntries(z.array(z.enum(acceptable)))
    .optional()
    .meta({
      description: 'Undeclared differences that do not invalidate comparisons of this config.',
    }),
})
export type WrittenConfig = z.infer<typeof writtenConfig>

const keepLevel = z.enum(['none', 'digest', 'text']).meta({
  description:
    'none: nothing. digest: a digest, which shows whether texts differ. text: the text itself.',
})

const percentHalfWidth = matching(
  /^(?:0*[1-9]\d*(?:\.\d+)?|0*\.\d*[1-9]\d*|0+\.\d*[1-9]\d*)%$/,
  'threshold',
  'is not half the width of an interval',
  (text) =>
    `write half the width of the interval in percent, such as ${otherExamples(text, ['3%', '5%'])}`,
)

export const writtenExperiment = z
  .strictObject({
    title: byLocale(filledText).meta({ description: `The title of the report. ${perLanguage}` }),
    question: byLocale(filledText)
      .optional()
      .meta({ description: `The question that the experiment answers. ${perLanguage}` }),
    locale: z
      .union([z.enum(locales), z.array(z.enum(locales)).min(1)])
      .optional()
      .meta({
        description: `Languages of the report. The first becomes README.md, each other README.<locale>.md. Default: ${locales[0]}.`,
      }),
    tags: withFewEntries(z.array(filledText))
      .optional()
      .meta({ description: 'Keywords for finding the experiment.' }),
    hardware: withFewEntries(z.record(z.string(), byLocale(lineScalar)))
      .optional()
      .meta({
        description: `The hardware of recorded figures: device, memory, cpu. For measured configs the report names the detected machine, and warns if it differs. ${perLanguage}`,
      }),
    model: writtenModel.optional(),
    dataset: z.union([text, writtenDataset]).optional().meta({
      description:
        'Path of a dataset file, relative to this file, or the dataset itself. The file is YAML, CSV with a header, JSON lines, or text with a prompt on each line (`{{text}}`). A name without slash and suffix is a private dataset: `exp.local.yaml` on your machine says where it is (`datasets: {NAME: PATH}`).',
    }),
    keep: z.strictObject({ prompts: keepLevel, answers: keepLevel }).partial().optional().meta({
      description:
        'What to store of prompts (with the system text, the template and the samples) and of answers: their text, digests only, or none. Default: {prompts: digest, answers: none}.',
    }),
    workload: writtenWorkload.optional(),
    rounds: z.int().min(1).max(1000).optional().meta({
      description:
        'Each round runs every config once. An even number of rounds cancels drift. Default: 6.',
    }),
    until: z
      .strictObject({
        metric: metricName.meta({ description: 'The metric whose intervals are watched.' }),
        halfWidth: percentHalfWidth.meta({ description: 'Half the width of the interval: `3%`.' }),
        maxRounds: z
          .int()
          .min(3)
          .max(1000)
          .meta({ description: 'Stop after this number of rounds.' }),
      })
      .optional()
      .meta({ description: 'Instead of rounds: stop when the intervals are this narrow.' }),
    slo: writtenObjectives.optional(),
    capacity: writtenCapacity.optional(),
    looks: z.int().min(1).max(100).optional().meta({
      description:
        'The planned number of looks at the results: 1 for the first results, plus 1 for each time that rounds are added to a run (`--resume` with more rounds). State it before the first run. The 5% error is divided among the looks. After a look that was not planned, a verdict is at most "leans for" or "leans against". Default: 1.',
    }),
    budget: positiveDuration.optional().meta({
      description: 'exp asks for confirmation before a run that would take longer than this.',
    }),
    whenUnavailable: z
      .enum(['fail', 'skip', 'embedded'])
      .optional()
      .meta({ description: 'What to do if a target is unavailable. Default: fail.' }),
    configs: z
      .record(configKey, writtenConfig)
      .meta({ description: 'The configs to compare.', defaultSnippets: snippets.configs }),
    vary: writtenVary.optional(),
    tune: writtenTune.optional(),
    maxConfigs: z.int().min(1).max(limits.configs.max).optional().meta({
      description: 'The largest number of configs that `vary` or `tune` may make. Default: 24.',
    }),
    baseline: text.optional().meta({ description: 'The config that is 1x in the ratio table.' }),
    rankBy: metricName.optional().meta({
      description:
        'The metric of the ratio table, by which the configs are ranked, such as `decodeSpeed` or `throughput`. Default: latencyMean; decodeSpeed if the configs have different models, because a model with shorter answers has a shorter latency.',
    }),
    hypotheses: z
      .array(writtenHypothesis)
      .max(limits.hypotheses.max)
      .optional()
      .meta({ description: 'Each hypothesis makes one claim and gets one verdict.' }),
    estimates: byLocale(withFewEntries(z.record(filledText, filledText)))
      .optional()
      .meta({
        description:
          'Your guesses, which the experiment does not measure, each with its size: `{virtualisation: 10-20% slower}`. The report shows it as unproven. All of them may be given by language: `{en: {…}, zh-CN: {…}}`.',
      }),
    show: withFewEntries(z.array(metricName)).optional().meta({
      description:
        'Metrics that the report does not fold: `[ttftP95, decodeSpeed]`. It never folds the six headline metrics and the metrics of claims.',
    }),
    analysis: byLocale(longText)
      .optional()
      .meta({ description: `Your own Markdown, shown in the report as it is. ${perLanguage}` }),
    follows: z
      .strictObject({
        experiment: filledText.meta({ description: 'Id of the other experiment.' }),
        version: filledText.meta({ description: 'Version of its report: `v1.0`.' }),
        cause: filledText.meta({ description: 'Id of the cause that this one tests.' }),
      })
      .optional()
      .meta({
        description: 'The experiment and the cause that this one follows. Written by `exp next`.',
      }),
  })
  .meta({ title: 'An experiment file of exp' })
export type WrittenExperiment = z.infer<typeof writtenExperiment>
