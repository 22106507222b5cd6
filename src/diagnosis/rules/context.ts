/** The sides run with contexts of different length, though nobody asked for that. */
import { numeric } from '../seen.ts'
import { undeclared } from '../undeclared.ts'

export const context = undeclared({
  cause: 'context',
  fact: 'contextLength',
  sureness: 'possible',
  fix: 'same-context',
  settings: (reference) => {
    const value = numeric(reference)
    return value === undefined ? [] : [{ kind: 'option', name: 'num_ctx', value }]
  },
})
