/** The sides run the model in different precisions, which changes its size in memory and its speed. */
import { defineRule } from '../rule.ts'
import { undeclaredDifference } from '../undeclared.ts'

export const quantization = defineRule({
  id: 'quantization',
  references: ['Ollama docs/api.md'],
  next: {
    instead:
      'pull the model again on the machine that has the other one (a file names a model, not its digest)',
  },
  examine: undeclaredDifference({
    fact: 'quantization',
    certainty: 'likely',
    fix: 'same-model',
    settings: () => [],
  }),
})
