/** The `format` of a request: free text, any JSON object, or JSON that follows a schema. */
import { HttpProblem } from './http-problem.ts'
import { anyObjectGrammar, grammarOfSchema } from './json-schema-grammar.ts'

/**
 * Returns the grammar of the answer in llama.cpp's notation, or undefined for free text.
 * @throws HttpProblem 500, with Ollama's message, if `format` is neither `json` nor an object; 400 for an unsupported schema
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
