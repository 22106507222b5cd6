/** The sides run the model in different precision: other sizes in memory, other speeds. */
import { undeclared } from '../undeclared.ts'

export const quantization = undeclared({
  cause: 'quantization',
  fact: 'quantization',
  certainty: 'likely',
  fix: 'same-model',
  settings: () => [],
})
