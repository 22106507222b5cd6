/** The workload as written: what each request asks, and how requests follow each other. */
import { z } from 'zod'
import { writtenOptions } from './ollama-settings.ts'
import { duration, filledText, matching, rate, span, text } from './written-text.ts'

const users = z
  .int()
  .min(1)
  .max(10_000)
  .meta({ description: 'Concurrent users; each sends when its last request ended.' })

const closedByDuration = z
  .strictObject({
    users,
    duration: span.meta({ description: 'How long the window is open.' }),
    atLeast: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .meta({ description: 'The window stretches until so many requests ended…' }),
    atMost: span.optional().meta({ description: '…but no longer than this.' }),
  })
  .meta({ description: 'Closed loop for a time.' })

const closedByRequests = z
  .strictObject({ users, requests: z.int().min(1).max(10_000_000) })
  .meta({ description: 'Closed loop for a number of requests.' })

const open = z
  .strictObject({
    rate: rate.meta({ description: 'Requests are sent at this rate, whatever the server does.' }),
    arrival: z.enum(['poisson', 'constant']).optional().meta({ description: 'Default: poisson.' }),
    duration: span,
  })
  .meta({ description: 'Open loop.' })

export const writtenLoad = z.union([closedByDuration, closedByRequests, open])
export type WrittenLoad = z.infer<typeof writtenLoad>

const keepAlive = z
  .union([
    matching(
      /^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/,
      'duration',
      'is no duration that Ollama reads',
      'write `10m`, `-1s` (forever), or a number of seconds',
    ),
    z.number(),
  ])
  .meta({ description: 'How long the model stays loaded: `10m`, or seconds; negative is forever.' })

export const writtenWorkload = z
  .strictObject({
    api: z.enum(['chat', 'generate']).optional().meta({ description: 'Default: chat.' }),
    system: text.optional().meta({ description: 'System message; no template.' }),
    prompt: filledText.meta({
      description:
        "Handlebars over one sample's fields, unescaped: `{{text}}`, `{{#if note}}…{{/if}}`.",
    }),
    options: writtenOptions.optional(),
    think: z.union([z.boolean(), z.enum(['low', 'medium', 'high'])]).optional(),
    format: z
      .union([z.literal('json'), z.record(z.string(), z.unknown())])
      .optional()
      .meta({ description: '`json`, or a JSON schema that the answer must follow.' }),
    keepAlive: keepAlive.optional(),
    load: writtenLoad,
    warmup: z
      .strictObject({ requests: z.int().min(0).max(100_000) })
      .optional()
      .meta({ description: 'Sent before the window opens, and not counted. Default: 3 requests.' }),
    cache: z.enum(['cold', 'warm', 'as-is']).optional().meta({
      description:
        'cold (default): a prefix unique to each request defeats the prompt cache. warm: prompts repeat. as-is: as they come.',
    }),
    timeout: duration.optional().meta({ description: 'Of one request. Default: 10m.' }),
  })
  .meta({ description: 'What each request asks, and how requests follow each other.' })

export type WrittenWorkload = z.infer<typeof writtenWorkload>
