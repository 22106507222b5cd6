/** `vary` as written: the shape of a config, with lists of levels for values. */
import { z } from 'zod'
import { suggestedVariables } from './ollama-settings.ts'
import { envName, text, withFewEntries } from './written-text.ts'
import { writtenConfigLoad } from './written-workload.ts'

const value = z.union([text, z.number(), z.boolean()])

/** One value for all cells, or a list of levels. Each is checked as the value of a config. */
const levels = z.union([
  value,
  withFewEntries(z.array(z.union([value, withFewEntries(z.array(text))])).min(1)),
])

const loadLevels = z
  .strictObject(
    Object.fromEntries(
      Object.entries(writtenConfigLoad.shape).map(([name, { description = '' }]) => [
        name,
        levels.optional().meta({ description }),
      ]),
    ),
  )
  .meta({ description: 'Keys of the load, as in a config: `{users: [1, 4, 8]}`.' })

export const writtenVary = z
  .strictObject({
    base: text.optional().meta({
      description:
        'The config that all cells take their other settings from. Only the cells are measured, not the base. Default: the only config.',
    }),
    env: withFewEntries(z.record(envName, levels)).optional().meta({
      description: 'Variables of the server with their levels: `{OLLAMA_NUM_PARALLEL: [1, 4]}`.',
      suggestedKeys: suggestedVariables,
    }),
    options: withFewEntries(z.record(z.string(), levels))
      .optional()
      .meta({ description: 'Request options with their levels: `{num_ctx: [2048, 8192]}`.' }),
    load: loadLevels.optional(),
    model: levels.optional().meta({ description: 'Models: `["qwen3:0.6b", "qwen3:1.7b"]`.' }),
    target: z
      .strictObject({
        version: levels.optional().meta({
          description: 'Versions of Ollama, for `target: process`: `["0.11.3", installed]`.',
        }),
        image: levels.optional().meta({ description: 'Images, for a target `docker`.' }),
        cpus: levels.optional().meta({ description: 'CPUs of the container: `[2, 4]`.' }),
        memory: levels.optional().meta({ description: 'Memory of the container: `[4g, 8g]`.' }),
      })
      .optional()
      .meta({ description: 'Settings of the target with their levels.' }),
    cpus: levels.optional().meta({
      description: 'CPUs of the container, for a target `docker`: `[2, 4]`.',
    }),
    exclude: withFewEntries(z.array(withFewEntries(z.record(z.string(), value))))
      .optional()
      .meta({
        description:
          'Combinations to leave out, by the names of factors: `[{OLLAMA_NUM_PARALLEL: 1, users: 8}]`.',
      }),
  })
  .meta({
    description:
      'A grid: every combination of these levels becomes a config, and the report shows the effect of each factor.',
  })
export type WrittenVary = z.infer<typeof writtenVary>
