/** The sides use different context lengths, which the experiment does not set. */
import { parseNumber } from '../config-facts.ts'
import { sameContext } from '../next-plan.ts'
import { defineRule } from '../rule.ts'
import { undeclaredDifference } from '../undeclared.ts'

export const context = defineRule({
  id: 'context',
  references: ['Ollama docs/faq.mdx'],
  next: sameContext(1),
  examine: undeclaredDifference({
    fact: 'contextLength',
    certainty: 'possible',
    fix: 'same-context',
    settings: (reference) => {
      const value = parseNumber(reference)
      return value === undefined ? [] : [{ kind: 'option', name: 'num_ctx', value }]
    },
  }),
})
