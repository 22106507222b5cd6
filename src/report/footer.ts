/** The last line: which version this is, when its results were made, what is still missing. */
import { hasResults } from './conclusion.ts'
import type { Context } from './context.ts'
import { moment } from '../format/date.ts'
import { integer } from '../format/number.ts'
import type { FooterView } from './view.ts'

export function footerView(context: Context): FooterView {
  const { version, analysis } = context
  const done = analysis.configs.filter(({ config }) => hasResults(config.key, context))
  return {
    version: version.version,
    createdAt: version.createdAt === undefined ? null : moment(version.createdAt),
    open: version.state === 'open',
    failedTrials: analysis.configs.some(({ rounds }) => rounds.failed + rounds.skipped > 0),
    done: integer(done.length),
    all: integer(analysis.configs.length),
    lock: version.lockFile,
  }
}
