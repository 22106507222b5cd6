/** The sides run different weights or templates under the same name, in the same quantisation. */
import { defineRule, type RuleInput } from '../rule.ts'
import { undeclaredDifference, valuesText } from '../undeclared.ts'

export const model = defineRule({
  id: 'model',
  references: ['Ollama docs/api.md'],
  next: {
    instead:
      'pull the model again on the machine that has the other one (a file names a model, not its digest)',
  },
  // A model with another quantisation has another digest, too; the rule `quantization` reports it.
  examine: (input) => (hasOtherQuantization(input) ? undefined : examineDigest(input)),
})

const examineDigest = undeclaredDifference({
  fact: 'modelDigest',
  certainty: 'likely',
  fix: 'same-model',
  settings: () => [],
})

function hasOtherQuantization({ subject, reference }: RuleInput): boolean {
  const [subjectQuantization, referenceQuantization] = [subject, reference].map(
    (side) => side && valuesText(side, 'quantization'),
  )
  return (
    subjectQuantization !== undefined &&
    referenceQuantization !== undefined &&
    subjectQuantization !== referenceQuantization
  )
}
