/** Half the context, against memory that does not suffice. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { keyOf } from './case.ts'
import type { Fix } from './fix.ts'
import { numberOf } from './config-facts.ts'

/** Without a setting where the context is not known. */
export function smallerContext(side: ConfigAnalysis): Fix {
  const context = numberOf(side, 'contextLength')
  return {
    code: 'smaller-context',
    config: keyOf(side),
    settings:
      context === undefined
        ? []
        : [{ kind: 'option', name: 'num_ctx', value: Math.ceil(context / 2) }],
  }
}
