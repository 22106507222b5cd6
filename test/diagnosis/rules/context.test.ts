import { describeNextExperiment } from '../support/next-experiment.ts'
import { slower } from '../support/pairs.ts'
import { describeUndeclaredDifference } from '../support/undeclared.ts'

describeUndeclaredDifference('context', {
  facts: { contextLength: 32_768 },
  certainty: 'possible',
  declared: [
    [{ options: { num_ctx: 32_768 } }, {}],
    [{ env: { OLLAMA_CONTEXT_LENGTH: '9' } }, {}],
  ],
})

describeNextExperiment('context', {
  slow: { server: slower, facts: { contextLength: 32_768 } },
  fast: {},
})
