/** A dataset as written, in a file of its own or in place. */
import { z } from 'zod'
import { filledText, scalar, text } from './written-text.ts'

const writtenSample = z
  .object({
    id: z
      .union([filledText, z.number()])
      .optional()
      .meta({ description: 'Unique. Default: s1, s2, … by place.' }),
    expected: z
      .union([scalar, z.record(z.string(), scalar)])
      .optional()
      .meta({ description: 'What the checks compare with; a single value is `{answer: …}`.' }),
  })
  .catchall(scalar)
  .meta({ description: 'Fields that the prompt may name.' })
export type WrittenSample = z.infer<typeof writtenSample>

const writtenCheck = z.strictObject({
  name: filledText.meta({ description: 'The metric is `score.<name>`.' }),
  field: text.optional().meta({
    description:
      'Field of the JSON answer and of `expected`. Without one: the whole answer, and `answer` of `expected`.',
  }),
  measure: z.enum(['exact', 'contains', 'regex', 'json', 'closeness']),
  range: z
    .tuple([z.number(), z.number()])
    .optional()
    .meta({ description: 'For closeness: lowest and highest value.' }),
  pattern: text.optional().meta({ description: 'For regex.' }),
})
export type WrittenCheck = z.infer<typeof writtenCheck>

export const writtenDataset = z
  .strictObject({
    name: filledText,
    samples: z.array(writtenSample).min(1).max(100_000),
    checks: z.array(writtenCheck).max(50).optional(),
  })
  .meta({ description: 'Samples, and the checks that score the answers to them.' })
