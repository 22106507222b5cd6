import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'

const schema = z.object({
  try: z.boolean().default(false),
  only: z.array(z.string()).default([]),
  alone: z.boolean().default(false),
  rounds: z.number().optional(),
  resume: z.boolean().default(false),
  retryFailed: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  aa: z.string().optional(),
  gate: z.boolean().default(false),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
})
export type RunOptions = Readonly<z.infer<typeof schema>>

/** @throws ExpError for flags that contradict each other */
export function parseRunOptions(given: object): RunOptions {
  const options = schema.parse(given)
  if (options.alone && options.only.length === 0)
    throw new ExpError(
      'invalid-input',
      '`--alone` goes with `--only`',
      'Say which configs to measure: `--only KEY --alone`.',
    )
  if (options.retryFailed && !options.resume)
    throw new ExpError(
      'invalid-input',
      '`--retry-failed` goes with `--resume`',
      'Write `--resume --retry-failed`.',
    )
  if (options.aa !== undefined && (options.resume || options.only.length > 0))
    throw new ExpError(
      'invalid-input',
      '`--aa` measures one config against itself, and nothing else',
      'Leave `--only` and `--resume` out.',
    )
  if (options.try && (options.resume || options.aa !== undefined))
    throw new ExpError(
      'invalid-input',
      '`--try` keeps nothing, so nothing can be resumed or added to',
      'Leave `--try` out.',
    )
  return options
}
