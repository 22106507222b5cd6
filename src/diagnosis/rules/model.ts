/** The sides run different weights or templates under the same name. */
import { defineRule } from '../rule.ts'
import { undeclaredDifference } from '../undeclared.ts'

export const model = defineRule({
  id: 'model',
  references: ['Ollama docs/api.md'],
  next: {
    instead: 'a file names a model and not its digest: pull it again where the other one is',
  },
  examine: undeclaredDifference({
    fact: 'modelDigest',
    certainty: 'likely',
    fix: 'same-model',
    settings: () => [],
  }),
})
