/** The search for a capacity as written. */
import { z } from 'zod'
import { rate } from './written-text.ts'

export const writtenCapacity = z
  .strictObject({
    of: z.enum(['users', 'rate']).meta({
      description: 'What is raised: the users of a closed loop, or the rate of an open one.',
    }),
    upTo: z
      .union([z.int().min(1).max(10_000), rate])
      .meta({ description: 'The highest level: `64`, or `16/s`.' }),
  })
  .meta({
    description:
      'Searches the highest load at which each config meets the objectives (`slo`): doubles the load of the workload, bisects, and measures the levels around the result in new rounds. Figures use only these rounds.',
  })
