/** The sides run different versions of Ollama, whose engines differ in speed. */
import { undeclared } from '../undeclared.ts'

export const version = undeclared({
  cause: 'version',
  fact: 'serverVersion',
  certainty: 'possible',
  fix: 'same-version',
  settings: (reference) => [
    { kind: 'container', name: 'image', value: `ollama/ollama:${reference}` },
  ],
})
