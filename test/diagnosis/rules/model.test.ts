import { describeNextExperiment } from '../support/next-experiment.ts'
import { slower } from '../support/pairs.ts'
import { describeUndeclaredDifference } from '../support/undeclared.ts'

describeUndeclaredDifference('model', {
  facts: { modelDigest: 'b'.repeat(64) },
  certainty: 'likely',
  declared: [[{ model: { name: 'qwen3:0.6b-fp16' } }, {}]],
})

describeNextExperiment('model', {
  slow: { server: slower, facts: { modelDigest: 'b'.repeat(64) } },
  fast: {},
})
