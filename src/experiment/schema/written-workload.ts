/** The workload as written: the content of each request, and when requests are sent. */
import { z } from 'zod'
import { correctDuration, otherExamples } from '../values/amount.ts'
import { snippets } from './editor-help.ts'
import { writtenOptions } from './ollama-settings.ts'
import { writtenModel } from './written-model.ts'
import {
  duration,
  filledLongText,
  filledText,
  longText,
  matching,
  rate,
  positiveDuration,
  text,
} from './written-text.ts'

const users = z.int().min(1).max(10_000).meta({
  description:
    'Number of concurrent users. Each sends its next request when the previous one ended. A list, `[1, 2, 4, 8]`, measures each config at each of these levels, on one server in turn.',
  hasLevels: true,
})

const ramp = z
  .union([z.literal('auto'), positiveDuration])
  .optional()
  .meta({
    description:
      'Spreads the first requests of the users over this time, so that their requests do not come in bursts; `auto`: over the median latency of the warm-up. Rates count from the start of the last user. By default all start together.',
  })

const pause = z
  .union([
    positiveDuration,
    z.strictObject({
      mean: positiveDuration.meta({ description: 'Mean length of the pauses.' }),
      distribution: z.enum(['exponential', 'constant']).optional().meta({
        description:
          'exponential (default): the lengths are drawn with the seed of the run, the same for all configs of a round.',
      }),
    }),
  ])
  .optional()
  .meta({
    description:
      'The time that a user waits after an answer before the next request, as people do: `2s`, or `{mean: 2s}` for lengths that vary. It does not count as latency. The users start one after another, within one pause.',
  })

const closedByDuration = z
  .strictObject({
    users,
    duration: positiveDuration.meta({ description: 'How long the measured window is open.' }),
    atLeast: z.int().min(1).max(10_000_000).optional().meta({
      description: 'The window stays open until this many requests ended. Needs `atMost`.',
    }),
    atMost: positiveDuration
      .optional()
      .meta({ description: 'The longest time that the window stays open for `atLeast`.' }),
    ramp,
    pause,
  })
  .meta({ description: 'Closed loop for a duration.' })

const closedByRequests = z
  .strictObject({
    users,
    requests: z
      .int()
      .min(1)
      .max(10_000_000)
      .meta({ description: 'The load ends after this number of requests.' }),
    ramp,
    pause,
  })
  .meta({ description: 'Closed loop for a number of requests.' })

const open = z
  .strictObject({
    rate: rate.meta({
      description:
        'Requests are sent at this rate, even if the server is slow. A list, `[1/s, 2/s, 4/s]`, measures each config at each of these levels.',
      hasLevels: true,
    }),
    arrival: z.enum(['poisson', 'constant']).optional().meta({ description: 'Default: poisson.' }),
    duration: positiveDuration.meta({ description: 'How long requests are sent.' }),
  })
  .meta({ description: 'Open loop: requests are sent at a rate.' })

export const writtenLoad = z
  .union([closedByDuration, closedByRequests, open])
  .meta({ description: 'When requests are sent.', defaultSnippets: snippets.load })
export type WrittenLoad = z.infer<typeof writtenLoad>

/** The load of one config: only the keys that differ from the load that it inherits. */
export const writtenConfigLoad = z
  .strictObject({
    users,
    rate: open.shape.rate,
    arrival: open.shape.arrival,
    duration: positiveDuration.meta({
      description: 'How long the measured window is open, or requests are sent at a rate.',
    }),
    requests: closedByRequests.shape.requests,
    atLeast: closedByDuration.shape.atLeast,
    atMost: closedByDuration.shape.atMost,
    ramp,
    pause,
  })
  .partial()
  .meta({
    description:
      'The load of this config, key by key over the inherited one: `{users: 8}`. `users` replaces `rate` and the other way round; `requests` replaces `duration` and the other way round.',
  })
export type WrittenConfigLoad = z.infer<typeof writtenConfigLoad>

const keepAlive = z
  .union([
    matching(
      /^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/,
      'duration',
      'is not a duration that Ollama accepts',
      (text) =>
        correctDuration(text) ??
        `write ${otherExamples(text, ['10m', '15m'])}, a number of seconds, or a negative number for forever`,
    ),
    z.number(),
  ])
  .meta({
    description:
      'How long the model stays loaded: `10m`, or a number of seconds. Negative means forever.',
  })

const writtenMixItem = z.strictObject({
  name: filledText
    .optional()
    .meta({ description: 'Name of this kind of requests. Default: the name of its model.' }),
  weight: z.int().min(1).max(1000).optional().meta({
    description: 'How many requests of this kind each block of the schedule has. Default: 1.',
  }),
  model: writtenModel.optional(),
  system: longText.optional().meta({ description: 'System message of these requests.' }),
  prompt: filledLongText.optional().meta({
    description: "Handlebars template over one sample's fields, for these requests.",
  }),
  options: writtenOptions.optional().meta({
    description: 'Request options, merged over those of the config: `{num_predict: 256}`.',
  }),
  dataset: text.optional().meta({
    description: 'The dataset of these requests: the path of a dataset file, or the name of one.',
  }),
})
export type WrittenMixItem = z.infer<typeof writtenMixItem>

const mix = z.array(writtenMixItem).min(2).max(20).meta({
  description:
    'Kinds of requests, of different models for example, sent by their weights: `[{model: A, weight: 3}, {model: B, weight: 1}]`. Keys that an item does not have are taken from the config and its workload. Each block of the schedule has each item as often as its weight, in an order that is the same for all configs and rounds.',
})

export const writtenWorkload = z
  .strictObject({
    api: z.enum(['chat', 'generate', 'embed']).optional().meta({
      description: 'Default: chat. `embed` requests embeddings instead of answers.',
    }),
    batch: z.int().min(1).max(128).optional().meta({
      description:
        'With `api: embed`: the number of inputs of a request: those of a sample and of the samples after it. Default: 1.',
    }),
    system: longText.optional().meta({ description: 'System message. It is not a template.' }),
    prompt: filledLongText.meta({
      description:
        "Handlebars template over one sample's fields, unescaped: `{{text}}`, `{{#if note}}…{{/if}}`.",
    }),
    options: writtenOptions.optional(),
    think: z
      .union([z.boolean(), z.enum(['low', 'medium', 'high'])])
      .optional()
      .meta({ description: 'Whether the model thinks before it answers, and how much.' }),
    format: z
      .union([z.literal('json'), z.record(z.string(), z.unknown())])
      .optional()
      .meta({ description: '`json`, or a JSON schema that the answer must match.' }),
    keepAlive: keepAlive.optional(),
    mix: mix.optional(),
    load: writtenLoad,
    warmup: z
      .strictObject({
        requests: z
          .int()
          .min(0)
          .max(100_000)
          .meta({ description: 'Number of requests of the warm-up.' }),
      })
      .optional()
      .meta({
        description: 'Requests sent before the window opens. They are not counted. Default: 3.',
      }),
    cache: z.enum(['cold', 'warm', 'as-is']).optional().meta({
      description:
        'cold (default): each request, or each conversation, gets a unique prefix, so that the prompt cache has no hits from others. warm: prompts repeat. as-is: prompts are sent unchanged.',
    }),
    timeout: duration.optional().meta({ description: 'Time limit of one request. Default: 10m.' }),
  })
  .meta({ description: 'The content of each request, and when requests are sent.' })

export type WrittenWorkload = z.infer<typeof writtenWorkload>

/** The parts of the workload that one config has of its own. Its options and its load are keys of the config itself. */
export const writtenConfigWorkload = writtenWorkload
  .omit({ options: true, load: true })
  .partial()
  .meta({
    description:
      "Parts of the workload in which this config differs: `{cache: warm}`. Its `options` and its `load` are the config's own keys.",
  })
