/** The sides run different versions of Ollama, whose engines differ in speed. */
import { withVersion } from '../../experiment/target-kinds.ts'
import { textOf } from '../config-facts.ts'
import { changeSubject, configuredTarget, type Plan } from '../next-plan.ts'
import { defineRule } from '../rule.ts'
import { undeclaredDifference } from '../undeclared.ts'

/** Gives the subject's process or image the version of the reference. */
const useSameVersion: Plan = (input) => {
  const target = configuredTarget(input.subject)
  const version = input.reference && textOf(input.reference, 'serverVersion')
  if (version === undefined || target === undefined) return undefined
  const changed = withVersion(target, version)
  return changed && changeSubject(input, { target: changed })
}

export const version = defineRule({
  id: 'version',
  references: ['ollama/ollama#16754', 'ollama/ollama#14740'],
  next: useSameVersion,
  examine: undeclaredDifference({
    fact: 'serverVersion',
    certainty: 'possible',
    fix: 'same-version',
    settings: (reference) => [
      { kind: 'container', name: 'image', value: `ollama/ollama:${reference}` },
    ],
  }),
})
