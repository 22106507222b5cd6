/** The load generator itself was late: part of what looks like latency is its own. */
import { keyOf } from '../case.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { config, count, ms, statement } from '../statement.ts'

export const client: Rule = ({ subject, gap }) => {
  const key = keyOf(subject)
  const audit = subject.audits.find(({ id }) => id === 'clientBound')
  const [delay, median] = [audit?.numbers['loopDelayMs'], audit?.numbers['latencyP50Ms']]
  if (audit === undefined || typeof delay !== 'number' || typeof median !== 'number')
    return unchecked('client', key, 'requests')
  if (audit.found === 0)
    return ruledOut('client', statement('client.small', { config: config(key), delay: ms(delay) }))
  return found('client', {
    configs: [key],
    // One trial that was disturbed is a hint; a cause shows in most.
    certainty: audit.found * 2 > audit.checked ? 'likely' : 'possible',
    evidence: [
      statement('client.delay', {
        config: config(key),
        delay: ms(delay),
        median: ms(median),
        trials: count(audit.found),
        of: count(audit.checked),
      }),
    ],
    share: 'at-most',
    claims: gap === undefined ? {} : { outside: gap.parts.outside },
    fixes: [{ code: 'fewer-users', config: key, settings: [{ kind: 'client', name: 'users' }] }],
  })
}
