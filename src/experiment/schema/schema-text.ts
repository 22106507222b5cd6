/** The JSON schema of experiment files, for editors. */
import { z } from 'zod'
import { allowLevels, suggestKeys } from './editor-help.ts'
import { writtenExperiment } from './written-experiment.ts'

/** A name, not an address: the schema file is in the same folder as the experiments. */
const schemaId = 'urn:exp-notebook:experiment'

/**
 * The text of `experiments/experiment.schema.json` for editors: draft 7, which the YAML language server supports best.
 */
export function experimentSchemaText(): string {
  const { $schema, ...json } = z.toJSONSchema(writtenExperiment, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      suggestKeys(jsonSchema)
      allowLevels(jsonSchema)
    },
  })
  return `${JSON.stringify({ $schema, $id: schemaId, ...json }, null, 2)}\n`
}
