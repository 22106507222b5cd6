/** `tune` as written: a race between settings for the best figure within a budget of time. */
import { z } from 'zod'
import { metrics } from '../../metrics/catalog.ts'
import { canBeMaximised } from '../../metrics/objectives.ts'
import { matching, positiveDuration, text } from './written-text.ts'
import { writtenVary } from './written-vary.ts'

const maximised = metrics.filter(canBeMaximised)

export const writtenTune = z
  .strictObject({
    base: text.optional().meta({
      description:
        'The config with the default settings: it races too, and the gain is measured against it. Default: the only config.',
    }),
    space: writtenVary.pick({ env: true, options: true, exclude: true }).meta({
      description:
        'The settings that race, in the form of `vary`: `{env: {OLLAMA_NUM_PARALLEL: [1, 2, 4]}, options: {num_thread: [2, 4]}}`. Every combination races.',
    }),
    maximize: z.enum(maximised.map(({ id }) => id)).meta({
      description: 'The metric that the race maximises, such as `throughput`.',
    }),
    budget: positiveDuration.meta({
      description:
        'The time for the race and for the confirmation of its winner, whose rounds are reserved first: `45m`.',
    }),
    ignoreBelow: matching(
      /^0*(?:[1-9]|[1-4]\d)(?:\.\d+)?%$/,
      'threshold',
      'is not a difference to ignore',
      () => 'write a share from 1% to 49%, such as `3%`',
    )
      .optional()
      .meta({
        description:
          'Settings that are worse than the best by less than this count as equally good. Default: 3%.',
      }),
  })
  .meta({
    description:
      'Finds the best settings for this machine: combinations of settings race, those that are clearly worse are eliminated, and the winner is confirmed against the default. `slo` states what the settings must also achieve.',
  })
