/** The model of an experiment or of a config as people write it. */
import { z } from 'zod'
import { quoted } from '../../errors/quote.ts'
import type { Reading } from '../values/reading.ts'
import { matching, readAs, readFilled, text } from './written-text.ts'

/** A name ends with its line in a Modelfile, so that a line break would add an instruction. */
function readName(written: string): Reading<string> {
  return /\p{Cc}/u.test(written)
    ? {
        message: `${quoted(written)} contains a line break or another control character`,
        hint: 'write the name as `ollama list` shows it',
      }
    : readFilled(written)
}

const modelName = readAs(readName, 'wrong-value').meta({ pattern: '\\S' })

export const writtenModel = z
  .union([
    modelName,
    z.strictObject({
      name: modelName.meta({ description: 'Name with its tag: `qwen3:0.6b`.' }),
      size: text
        .optional()
        .meta({ description: 'Size as the report shows it, for example `522MB`.' }),
      digest: matching(
        /^(?:sha256:)?[0-9a-fA-F]{12,64}$/,
        'wrong-value',
        'is not the digest of a model',
        'write at least its first 12 hexadecimal digits, as `ollama list` shows them: `7df6b6e09427`',
      )
        .optional()
        .meta({
          description:
            'Pins the model: exp refuses a server that has another digest under this name. The first 12 hexadecimal digits or more.',
        }),
    }),
  ])
  .meta({ description: 'Name of the model; or its name, size and digest.' })
