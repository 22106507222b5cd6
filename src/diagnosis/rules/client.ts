/** The load generator was late, so a part of the measured latency is its own delay. */
import { keyOf } from '../config-facts.ts'
import { configuredUsers, sameOnBothSides } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, count, ms, statementOf } from '../statement.ts'

const statements = {
  'client.delay': ['config', 'delay', 'median', 'trials', 'of'],
  'client.small': ['config', 'delay'],
  'client.readDelay': ['config', 'delay', 'median', 'trials', 'of'],
  'client.readSmall': ['config', 'delay'],
} as const
const statement = statementOf(statements)

export const client = defineRule({
  id: 'client',
  references: [],
  statements,
  next: sameOnBothSides(({ subject }) => {
    const users = configuredUsers(subject) ?? 0
    return users < 2 ? undefined : { users: Math.floor(users / 2) }
  }),
  examine,
})

function examine({ subject, gap }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const audit = subject.audits.find(({ id }) => id === 'clientBound')
  const { readDelayMs, loopDelayMs, latencyP50Ms: median } = audit?.numbers ?? {}
  const delay = readDelayMs ?? loopDelayMs
  if (audit === undefined || typeof delay !== 'number' || typeof median !== 'number')
    return unchecked(key, 'requests')
  // a warning concerns single quantiles only, which are not diagnosed
  const failed = audit.rounds.filter(({ outcome }) => outcome === 'fail').length
  // records of earlier formats have only the delay of the event loop
  const [late, small] =
    readDelayMs === undefined
      ? (['client.delay', 'client.small'] as const)
      : (['client.readDelay', 'client.readSmall'] as const)
  if (failed === 0) return ruledOut(statement(small, { config: config(key), delay: ms(delay) }))
  return found({
    configs: [key],
    // A single disturbed trial is a hint only; a cause shows in most trials.
    certainty: failed * 2 > audit.checked ? 'likely' : 'possible',
    evidence: [
      statement(late, {
        config: config(key),
        delay: ms(delay),
        median: ms(median),
        trials: count(failed),
        of: count(audit.checked),
      }),
    ],
    cost: 'at-most',
    maxMs: gap === undefined ? {} : { outside: gap.parts.outside },
    fixes: [{ code: 'fewer-users', config: key, settings: [{ kind: 'client', name: 'users' }] }],
  })
}
