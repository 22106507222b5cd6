/** What analysis adds to a hypothesis, a trial, a config, where a test does not care. */
import type { Verdict } from '../../../src/analysis/verdict.ts'

export const openVerdict: Verdict = {
  code: 'inconclusive',
  n: 6,
  of: 'rounds',
  unpaired: false,
  elsewhere: false,
  uncheckable: false,
  accepted: [],
}
