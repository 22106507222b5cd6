import { describeNextExperiment } from '../support/next-experiment.ts'
import { slower } from '../support/pairs.ts'
import { describeUndeclaredDifference } from '../support/undeclared.ts'

describeUndeclaredDifference('quantization', {
  facts: { quantization: 'F16' },
  certainty: 'likely',
  declared: [[{ model: { name: 'qwen3:0.6b-fp16' } }, {}]],
})

describeNextExperiment('quantization', {
  slow: { server: slower, facts: { quantization: 'F16' } },
  fast: {},
})
