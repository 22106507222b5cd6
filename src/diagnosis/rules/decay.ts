/** The server gets slower while it is measured, because of heat, power or memory. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { trialDrift } from '../../analysis/audits/drift.ts'
import { machineSlowdown } from '../../analysis/machine-slowdown.ts'
import { maxMsOfSlowCompute } from '../compute.ts'
import { endedTrials, figureOf, keyOf } from '../config-facts.ts'
import { sameOnBothSides } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import {
  change,
  config,
  count,
  literal,
  onlyDefined,
  percent,
  statementOf,
  type Statement,
} from '../statement.ts'

const restMs = 60_000

const statements = {
  'decay.change': ['config', 'change', 'trials', 'of'],
  'decay.thermal': ['config', 'state'],
  'decay.battery': ['config'],
  'decay.no-sensor': [],
  'decay.none': ['config', 'change', 'detectable'],
  'decay.no-more': ['config', 'change', 'reference', 'referenceChange'],
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
  const { subject, reference } = input
  const key = keyOf(subject)
  const trials = endedTrials(subject)
  const drift = trialDrift(trials)
  if (drift === undefined) {
    const hasTimes = trials.length > 0 && figureOf(subject, 'decodeSpeed') !== undefined
    return unchecked(key, hasTimes ? 'enoughRequests' : 'requests')
  }
  if (drift.outcome === 'unchecked') return unchecked(key, 'enoughRequests')
  const numbers = { config: config(key), change: change(drift.changePercent) }
  if (drift.outcome !== 'fail' || drift.changePercent < 0)
    return ruledOut(
      statement('decay.none', { ...numbers, detectable: percent(drift.detectablePercent) }),
    )
  const referenceDrift = reference && trialDrift(endedTrials(reference))
  if (
    reference &&
    referenceDrift?.outcome === 'fail' &&
    referenceDrift.changePercent >= drift.changePercent
  )
    return ruledOut(
      statement('decay.no-more', {
        ...numbers,
        reference: config(keyOf(reference)),
        referenceChange: change(referenceDrift.changePercent),
      }),
    )
  const sensor = sensorOf(subject)
  return found({
    configs: [key],
    // One slow trial may have any reason; a server that slows down does so in most trials.
    certainty: sensor !== undefined && drift.found * 2 > trials.length ? 'likely' : 'possible',
    evidence: onlyDefined(
      statement('decay.change', {
        ...numbers,
        trials: count(drift.found),
        of: count(trials.length),
      }),
      sensor,
    ),
    reservations: onlyDefined(sensor === undefined && statement('decay.no-sensor', {})),
    maxMs: maxMsOfSlowCompute(input),
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
    const { heat, timesSlowed, battery } = machineSlowdown(evidence)
    const state = heat ?? evidence.findLast(({ facts }) => facts.thermalState)?.facts.thermalState
    if (heat !== undefined || timesSlowed !== undefined)
      return statement('decay.thermal', { config: key, state: literal(String(state)) })
    if (battery) return statement('decay.battery', { config: key })
  }
  return undefined
}
