/** The server gets slower while it is measured, because of heat, power or memory. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { claimsOfSlowCompute } from '../compute.ts'
import { endedTrials, keyOf } from '../config-facts.ts'
import { sameOnBothSides } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import {
  change,
  config,
  count,
  literal,
  onlyDefined,
  speed,
  statementOf,
  type Statement,
} from '../statement.ts'

const restMs = 60_000

const statements = {
  'decay.change': ['config', 'change', 'first', 'last', 'trials', 'of'],
  'decay.thermal': ['config', 'state'],
  'decay.battery': ['config'],
  'decay.no-sensor': [],
  'decay.none': ['config', 'change'],
} as const
const statement = statementOf(statements)

export const decay = defineRule({
  id: 'decay',
  references: [],
  statements,
  next: sameOnBothSides(() => ({ settleMs: restMs })),
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject } = input
  const key = keyOf(subject)
  const audit = subject.audits.find(({ id }) => id === 'drift')
  const falling = audit?.rounds.filter(
    ({ outcome, numbers }) => outcome === 'fail' && Number(numbers['changePercent']) < 0,
  )
  const rounds = audit?.rounds.filter(({ outcome }) => outcome !== 'unchecked') ?? []
  if (falling === undefined || rounds.length === 0) return unchecked(key, 'requests')
  const worst = [...rounds].sort(
    (one, other) => Number(one.numbers['changePercent']) - Number(other.numbers['changePercent']),
  )[0]
  const worstChange = change(Number(worst?.numbers['changePercent']))
  if (falling.length === 0 || worst === undefined)
    return ruledOut(statement('decay.none', { config: config(key), change: worstChange }))
  const sensor = sensorOf(subject)
  return found({
    configs: [key],
    // One slow third may have any reason; a server that slows down does so in most trials.
    certainty: sensor !== undefined && falling.length * 2 > rounds.length ? 'likely' : 'possible',
    evidence: onlyDefined(
      statement('decay.change', {
        config: config(key),
        change: worstChange,
        first: speed(Number(worst.numbers['first'])),
        last: speed(Number(worst.numbers['last'])),
        trials: count(falling.length),
        of: count(rounds.length),
      }),
      sensor,
    ),
    reservations: onlyDefined(sensor === undefined && statement('decay.no-sensor', {})),
    claims: claimsOfSlowCompute(input),
    fixes: [
      {
        code: 'rest-between',
        config: key,
        settings: [{ kind: 'client', name: 'settle', value: '60s' }],
      },
    ],
  })
}

/** Says that the machine reported being slowed down, or ran on its battery. */
function sensorOf(subject: ConfigAnalysis): Statement | undefined {
  const key = config(keyOf(subject))
  for (const { evidence } of endedTrials(subject)) {
    const states = evidence.flatMap(({ facts }) => facts.thermalState ?? [])
    const [before, after] = [states[0], states.at(-1)]
    const slowed =
      typeof after === 'string' && before !== after && /slowed|CPU_Speed_Limit|limit/i.test(after)
    if (slowed) return statement('decay.thermal', { config: key, state: literal(after) })
    if (evidence.some(({ facts }) => facts.powerSource === 'battery'))
      return statement('decay.battery', { config: key })
  }
  return undefined
}
