/** The options of `exp run`. */
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'

const optionsSchema = z.object({
  try: z.boolean().default(false),
  only: z.array(z.string()).default([]),
  host: z.string().optional(),
  here: z.boolean().default(false),
  alone: z.boolean().default(false),
  rounds: z.number().optional(),
  resume: z.boolean().default(false),
  retryFailed: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  aa: z.string().optional(),
  gate: z.boolean().default(false),
  open: z.boolean().default(false),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
})
export type RunOptions = Readonly<z.infer<typeof optionsSchema>>

/** The options of `exp run` without flags, which measures all configs in all rounds. */
export const defaultRunOptions: RunOptions = optionsSchema.parse({})

/** @throws ExpError for flags that contradict each other */
export function parseRunOptions(rawOptions: object): RunOptions {
  const options = optionsSchema.parse(rawOptions)
  if (options.alone && options.only.length === 0)
    throw new ExpError(
      'invalid-input',
      '`--alone` requires `--only`',
      'Name the configs to measure: `--only KEY --alone`.',
    )
  if (options.retryFailed && !options.resume)
    throw new ExpError('invalid-input', '`--retry-failed` requires `--resume`', 'Add `--resume`.')
  if (options.host !== undefined && options.only.length > 0)
    throw new ExpError(
      'invalid-input',
      '`--host` measures the configs of that host, so it cannot be combined with `--only`',
      'Remove `--only`.',
    )
  if (options.here && options.host === undefined)
    throw new ExpError(
      'invalid-input',
      '`--here` requires `--host`',
      'Name the host that this machine is: `--host NAME --here`.',
    )
  if (options.aa !== undefined && (options.resume || options.only.length > 0))
    throw new ExpError(
      'invalid-input',
      '`--aa` measures only one config, against itself',
      'Remove `--only` and `--resume`.',
    )
  if (options.try && (options.resume || options.aa !== undefined))
    throw new ExpError(
      'invalid-input',
      '`--try` stores nothing, so it cannot be combined with `--resume` or `--aa`',
      'Remove `--try`.',
    )
  if (options.open && (options.try || options.dryRun))
    throw new ExpError(
      'invalid-input',
      '`--open` shows the report, which `--try` and `--dry-run` do not write',
      'Remove `--open`.',
    )
  return options
}
