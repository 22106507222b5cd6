import { z } from 'zod'
import { writtenExperiment } from './schema/written-experiment.ts'

/** `experiments/experiment.schema.json`, for editors: draft 7, which the YAML language server reads best. */
export function experimentSchemaText(): string {
  const json = z.toJSONSchema(writtenExperiment, { target: 'draft-7', io: 'input' })
  return `${JSON.stringify(json, null, 2)}\n`
}
