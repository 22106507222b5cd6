/** The sides run with contexts of different length, though nobody asked for that. */
import { parseNumber } from '../config-facts.ts'
import { undeclared } from '../undeclared.ts'

export const context = undeclared({
  cause: 'context',
  fact: 'contextLength',
  certainty: 'possible',
  fix: 'same-context',
  settings: (reference) => {
    const value = parseNumber(reference)
    return value === undefined ? [] : [{ kind: 'option', name: 'num_ctx', value }]
  },
})
