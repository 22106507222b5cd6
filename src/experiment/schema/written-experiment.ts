/** The experiment file as people write it, before inheritance and defaults; the source of the JSON schema. */
import { z } from 'zod'
import { locales } from '../../format/locales.generated.ts'
import { acceptable } from '../experiment.ts'
import { parseAmount } from '../values/amount.ts'
import { parseThreshold } from '../values/threshold.ts'
import { writtenOptions } from './ollama-settings.ts'
import { writtenDataset } from './written-dataset.ts'
import { writtenTarget } from './written-target.ts'
import {
  configKey,
  duration,
  envName,
  envValue,
  filledText,
  matching,
  readAs,
  scalar,
  span,
  text,
} from './written-text.ts'
import { writtenWorkload } from './written-workload.ts'

const model = z
  .union([
    filledText,
    z.strictObject({
      name: filledText,
      size: text.optional().meta({ description: 'As the report shall show it: `522MB`.' }),
    }),
  ])
  .meta({ description: 'Name of the model, or its name and size.' })

const env = z
  .record(envName, envValue)
  .meta({ description: "The server's environment. Merged over the inherited one, key by key." })

const recorded = z
  .strictObject({
    source: filledText.meta({ description: 'The document that the figures are from.' }),
    date: matching(
      /^\d{4}-\d{2}-\d{2}$/,
      'wrong-value',
      'is no date',
      'write year, month and day: `2025-08-06`',
    ),
    metrics: z
      .record(z.string(), z.union([text, z.number()]))
      .meta({ description: 'By metric, with its unit: `{qps: 6.53/s, okRate: 100% (2/2)}`.' }),
  })
  .meta({ description: 'Figures from a document: no samples, so no intervals.' })

export const writtenConfig = z.strictObject({
  label: filledText.optional().meta({ description: 'Default: the key.' }),
  group: filledText.optional().meta({
    description:
      'Configs of one group share a section of the report. Default: that of its `from`, or its label.',
  }),
  from: text
    .optional()
    .meta({ description: 'The config that it inherits everything from, and is compared with.' }),
  target: writtenTarget.optional(),
  recorded: recorded.optional(),
  env: env.optional(),
  options: writtenOptions.optional(),
  model: model.optional(),
  host: filledText.optional().meta({ description: 'The machine that must measure it.' }),
  settle: duration.optional().meta({ description: 'Pause before each of its trials.' }),
  accept: z
    .array(z.enum(acceptable))
    .optional()
    .meta({ description: 'Undeclared differences that do not spoil its comparisons.' }),
})
export type WrittenConfig = z.infer<typeof writtenConfig>

const threshold = readAs(parseThreshold, 'threshold', 'a threshold, such as `"<= -30%"`')

const claim = z.strictObject({
  metric: text.meta({ description: '`qps`, `latencyP95`, `score.<check>`, …' }),
  config: text,
  versus: text.optional().meta({ description: 'Default: its `from`, else the baseline.' }),
  change: threshold.optional().meta({ description: '(new - base) / base: `"<= -30%"`.' }),
  ratio: threshold.optional().meta({ description: 'new / base: `">= 80%"`.' }),
  same: readAs(parseAmount, 'threshold', 'a band, such as `5%` or `5pp`')
    .optional()
    .meta({ description: 'No more apart than this: `5%`, or `5pp` for shares and scores.' }),
  value: threshold.optional().meta({ description: 'The figure itself: `"<= 500ms"`.' }),
})
export type WrittenClaim = z.infer<typeof claim>

export const writtenHypothesis = z.strictObject({
  id: filledText.optional().meta({ description: 'Default: H1, H2, … by place.' }),
  statement: filledText,
  claim,
  gate: z.boolean().optional().meta({ description: '`--gate` fails unless it is supported.' }),
})
export type WrittenHypothesis = z.infer<typeof writtenHypothesis>

const keepWhat = z.enum(['none', 'digest', 'text'])

const percentHalfWidth = matching(
  /^(?:0*[1-9]\d*(?:\.\d+)?|0*\.\d*[1-9]\d*|0+\.\d*[1-9]\d*)%$/,
  'threshold',
  'is no width',
  'write half the width of the interval in percent: `3%`',
)

export const writtenExperiment = z
  .strictObject({
    title: filledText,
    question: filledText.optional().meta({ description: 'What the experiment shall answer.' }),
    locale: z
      .union([z.enum(locales), z.array(z.enum(locales)).min(1)])
      .optional()
      .meta({ description: 'The first is README.md, others README.<locale>.md. Default: zh-CN.' }),
    tags: z.array(filledText).optional(),
    hardware: z
      .record(z.string(), scalar)
      .optional()
      .meta({ description: 'Declared: device, memory, cpu. What is detected stands beside it.' }),
    model: model.optional(),
    dataset: z.union([text, writtenDataset]).optional().meta({
      description: "Path of a dataset, from this file's folder; or the dataset in place.",
    }),
    keep: z.strictObject({ prompts: keepWhat, answers: keepWhat }).partial().optional().meta({
      description:
        'What of prompts and answers is stored. Default: {prompts: digest, answers: none}.',
    }),
    workload: writtenWorkload.optional(),
    rounds: z.int().min(1).max(1000).optional().meta({
      description: 'Each round runs every config once. Even numbers cancel drift. Default: 6.',
    }),
    until: z
      .strictObject({
        metric: text,
        halfWidth: percentHalfWidth,
        maxRounds: z.int().min(3).max(1000),
      })
      .optional()
      .meta({ description: 'In place of rounds: stop when the intervals are this narrow.' }),
    budget: span.optional().meta({ description: 'Asked about before it is exceeded.' }),
    whenUnavailable: z
      .enum(['fail', 'skip', 'embedded'])
      .optional()
      .meta({ description: 'When a target cannot be had. Default: fail.' }),
    configs: z.record(configKey, writtenConfig).meta({ description: 'What is compared.' }),
    baseline: text.optional().meta({ description: 'The 1x row of the ratio table.' }),
    hypotheses: z
      .array(writtenHypothesis)
      .optional()
      .meta({ description: 'One claim each, one verdict each.' }),
    analysis: text.optional().meta({ description: "The experimenter's own Markdown." }),
    follows: z
      .strictObject({ experiment: filledText, version: filledText, cause: filledText })
      .optional()
      .meta({ description: 'Written by `exp next`.' }),
  })
  .meta({ title: 'An experiment of exp' })
export type WrittenExperiment = z.infer<typeof writtenExperiment>

/** The text of `experiments/experiment.schema.json` for editors: draft 7, which the YAML language server supports best. */
export function experimentSchemaText(): string {
  const json = z.toJSONSchema(writtenExperiment, { target: 'draft-7', io: 'input' })
  return `${JSON.stringify(json, null, 2)}\n`
}
