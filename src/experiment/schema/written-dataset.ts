/** A dataset as written, in a separate file or in place. */
import { z } from 'zod'
import { limits } from '../../errors/limits.ts'
import { measures } from '../dataset.ts'
import { byLocale, filledText, scalar, text } from './written-text.ts'

const expected = z
  .union([scalar, z.record(z.string(), scalar)])
  .optional()
  .meta({
    description: 'The values that checks compare answers with. A single value means `{answer: …}`.',
  })
const images = z.array(filledText).min(1).max(8).optional().meta({
  description:
    'PNG, JPEG or WebP pictures that are sent with the prompt, to a model with the capability `vision`. Paths in this project, relative to this file.',
})

const writtenTurn = z.object({ expected, images }).catchall(scalar).meta({
  description: 'One turn. The prompt may use its fields, and those of the conversation.',
})
export type WrittenTurn = z.infer<typeof writtenTurn>

const writtenSample = z
  .object({
    id: z
      .union([filledText, z.number()])
      .optional()
      .meta({ description: 'Unique id of the sample. Default: s1, s2, … by position.' }),
    expected,
    images,
    turns: z.array(writtenTurn).min(2).max(limits.turns.max).optional().meta({
      description:
        'Makes the sample a conversation: `[{text: …}, {text: …}]`. A user sends the turns one after another; each waits for the answer to the one before, and carries all messages so far. Needs `api: chat` and `users`.',
    }),
  })
  .catchall(scalar)
  .meta({ description: 'One sample. The prompt may use its fields.' })
export type WrittenSample = z.infer<typeof writtenSample>

const writtenCheck = z.strictObject({
  name: filledText.meta({
    description: 'Name of the check. The check adds the metric `score.<name>`.',
  }),
  label: byLocale(filledText).optional().meta({
    description:
      'Name of the check in reports. Default: `name`. May be given by language: `{en: …, zh-CN: …}`.',
  }),
  field: text.optional().meta({
    description:
      'Field to compare, in the JSON answer and in `expected`. Default: the whole answer, compared with `answer` of `expected`.',
  }),
  measure: z.enum(measures).meta({
    description:
      'exact: equal texts. contains: the answer contains the text. regex: it matches `pattern`. json: it is valid JSON. closeness: 1 minus the distance within `range`.',
  }),
  range: z
    .tuple([z.number(), z.number()])
    .optional()
    .meta({ description: 'For `closeness`: the lowest and highest value.' }),
  pattern: text.optional().meta({
    description: 'For `regex`: a JavaScript regular expression without references and lookaround.',
  }),
})
export type WrittenCheck = z.infer<typeof writtenCheck>

export const writtenDataset = z
  .strictObject({
    name: filledText.meta({ description: 'Name of the dataset in reports.' }),
    samples: z
      .array(writtenSample)
      .min(1)
      .max(limits.samples.max)
      .meta({ description: 'The samples: each request uses one of them.' }),
    checks: z
      .array(writtenCheck)
      .max(limits.resultChecks.max)
      .optional()
      .meta({ description: 'What scores the answers. Each check adds a metric, `score.<name>`.' }),
  })
  .meta({ description: 'Samples, and checks that score the answers to them.' })
