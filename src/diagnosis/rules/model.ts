/** The sides run different weights or templates under the same name. */
import { defineRule } from '../rule.ts'
import { undeclaredDifference } from '../undeclared.ts'

export const model = defineRule({
  id: 'model',
  references: ['Ollama docs/api.md'],
  next: {
    instead:
      'pull the model again on the machine that has the other one (a file names a model, not its digest)',
  },
  examine: undeclaredDifference({
    fact: 'modelDigest',
    certainty: 'likely',
    fix: 'same-model',
    settings: () => [],
  }),
})
