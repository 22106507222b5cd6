/** A server that gets slower while it is measured: heat, power, memory. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf } from '../case.ts'
import { computeClaims } from '../compute.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { endedTrials } from '../config-facts.ts'
import { change, config, count, literal, speed, statement, type Statement } from '../statement.ts'

export const decay: Rule = (given) => {
  const { subject } = given
  const key = keyOf(subject)
  const audit = subject.audits.find(({ id }) => id === 'drift')
  const falling = audit?.rounds.filter(
    ({ outcome, numbers }) => outcome === 'fail' && Number(numbers['changePercent']) < 0,
  )
  const rounds = audit?.rounds.filter(({ outcome }) => outcome !== 'unchecked') ?? []
  if (falling === undefined || rounds.length === 0) return unchecked('decay', key, 'requests')
  const worst = [...rounds].sort(
    (one, other) => Number(one.numbers['changePercent']) - Number(other.numbers['changePercent']),
  )[0]
  const worstChange = change(Number(worst?.numbers['changePercent']))
  if (falling.length === 0 || worst === undefined)
    return ruledOut('decay', statement('decay.none', { config: config(key), change: worstChange }))
  const sensor = sensorOf(subject)
  return found('decay', {
    configs: [key],
    // One slow third may be anything; a server that decays does so in most trials.
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
    claims: computeClaims(given),
    fixes: [
      {
        code: 'rest-between',
        config: key,
        settings: [{ kind: 'client', name: 'settle', value: '60s' }],
      },
    ],
  })
}

/** A machine that says of itself that it was slowed down, or that it ran on its battery. */
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
