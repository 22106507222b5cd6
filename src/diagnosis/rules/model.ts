/** The sides run different weights or templates under one name. */
import { undeclared } from '../undeclared.ts'

export const model = undeclared({
  cause: 'model',
  fact: 'modelDigest',
  certainty: 'likely',
  fix: 'same-model',
  settings: () => [],
})
