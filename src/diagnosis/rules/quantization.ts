/** The sides run the model in different precision, which changes its size in memory and its speed. */
import { defineRule } from '../rule.ts'
import { undeclaredDifference } from '../undeclared.ts'

export const quantization = defineRule({
  id: 'quantization',
  references: ['Ollama docs/api.md'],
  next: {
    instead: 'a file names a model and not its digest: pull it again where the other one is',
  },
  examine: undeclaredDifference({
    fact: 'quantization',
    certainty: 'likely',
    fix: 'same-model',
    settings: () => [],
  }),
})
