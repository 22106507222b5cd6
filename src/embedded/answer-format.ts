/** The `format` of a request: free text, any JSON object, or what a JSON schema describes. */
import { HttpProblem } from './http-problem.ts'
import { anyObjectGrammar, grammarOfSchema } from './json-schema-grammar.ts'

/**
 * The grammar of the answer in llama.cpp's notation; undefined for free text.
 * @throws HttpProblem 500 for what is neither `json` nor an object, in Ollama's words; 400 for a schema that cannot be followed
 */
export function grammarOfFormat(format: unknown): string | undefined {
  if (format === undefined || format === null || format === '') return undefined
  if (format === 'json') return anyObjectGrammar()
  if (typeof format !== 'object' || Array.isArray(format))
    throw new HttpProblem(
      500,
      `invalid format: ${JSON.stringify(JSON.stringify(format))}; expected "json" or a valid JSON Schema object`,
    )
  return grammarOfSchema(format)
}
