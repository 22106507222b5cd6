/** More users than slots: requests wait for their turn inside the server, in none of the durations that it lists. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { isSameTarget } from '../../experiment/target-kinds.ts'
import { keyOf, type RuleInput } from '../case.ts'
import type { RuleResult } from '../diagnosis.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import type { Fix } from '../fix.ts'
import type { Rule } from '../rule.ts'
import {
  computeOf,
  figureOf,
  latencyOf,
  parseNumber,
  slotsOf,
  targetOf,
  usersOf,
} from '../config-facts.ts'
import { config, count, ms, percent, statement, type Statement } from '../statement.ts'
import { expectedWait, fitsTurns, sharesAlike } from '../turns.ts'

/** A wait below either of these is no queue. */
const leastWaitMs = 20
const leastShare = 0.1
/** Where more slots save waiting and cost this share of it in computing, they mostly moved it. */
const movedShare = 0.5
/** From this share on there is next to nothing left of what they save: to be tried, not to be set. */
const lostShare = 0.8
/** A wait of which another number of slots leaves less than this share was for a slot, whatever else it was longer for. */
const leftShare = 0.2
/** Where nothing is set, since 0.10. */
const defaultSlots = 1

export const slots: Rule = (given) => {
  const { subject, reference, gap } = given
  const key = keyOf(subject)
  if (subject.config.kind === 'recorded') return fromDocument(given)
  const [wait, latency] = [figureOf(subject, 'wait'), latencyOf(subject)]
  const [places, users] = [slotsOf(subject), usersOf(subject)]
  if (wait === undefined || latency === undefined) return unchecked('slots', key, 'requests')
  const waits = wait > leastWaitMs && wait > leastShare * latency
  if (!waits && places !== undefined && users !== undefined && users <= places)
    return ruledOut('slots', statement('slots.enough', seen(key, places, users)))
  if (!waits)
    return ruledOut('slots', statement('slots.no-wait', { config: config(key), wait: ms(wait) }))
  if (places === undefined) return unchecked('slots', key, 'slots')
  if (users !== undefined && users <= places)
    return ruledOut('slots', statement('slots.enough', seen(key, places, users)))
  const expected = expectedWait(subject)
  const fits = expected !== undefined && fitsTurns(wait, expected)
  const longer = fits ? longerTurns(given, wait) : undefined
  if (longer) return ruledOut('slots', longer)
  const moved = movedElsewhere(given)
  const isLost = (moved?.share ?? 0) >= lostShare
  return found('slots', {
    configs: [key],
    certainty: fits || vanishes(given, wait) ? 'proven' : 'likely',
    evidence: onlyDefined(
      users !== undefined && statement('slots.seen', seen(key, places, users)),
      askedForMore(subject, places),
      statement('slots.wait', {
        config: config(key),
        wait: ms(wait),
        share: percent((wait / latency) * 100),
      }),
      fits && statement('slots.model', { expected: ms(expected), wait: ms(wait) }),
      reference && ofReference(reference),
    ),
    against: onlyDefined(moved?.statement),
    reservations: onlyDefined(
      expected !== undefined &&
        !fits &&
        wait > expected &&
        statement('slots.above-model', { expected: ms(expected), wait: ms(wait) }),
    ),
    share: 'measured',
    claims: gap === undefined ? {} : { wait: gap.parts.wait },
    fixes:
      users === undefined
        ? []
        : [{ ...moreSlots(key, users), ...(isLost && { needsExperiment: true }) }],
  })
}

/** Of a document there are the settings only: fewer slots than users may have made them wait. */
function fromDocument({ subject, reference }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const users = usersOf(subject)
  if (users === undefined || reference?.config.kind !== 'recorded')
    return unchecked('slots', key, 'requests')
  const [own, other] = [subject, reference].map(
    ({ config }) => parseNumber(config.env['OLLAMA_NUM_PARALLEL']) ?? defaultSlots,
  )
  if (own === undefined || other === undefined || own >= Math.min(users, other))
    return unchecked('slots', key, 'requests')
  return found('slots', {
    configs: [key],
    certainty: 'possible',
    evidence: [
      statement('slots.declared', {
        config: config(key),
        slots: count(own),
        users: count(users),
        reference: config(keyOf(reference)),
        referenceSlots: count(other),
      }),
    ],
    reservations: [statement('slots.not-measured', {})],
    fixes: [moreSlots(key, users)],
  })
}

function moreSlots(key: string, users: number): Fix {
  return {
    code: 'more-slots',
    config: key,
    settings: [{ kind: 'variable', name: 'OLLAMA_NUM_PARALLEL', value: users }],
  }
}

/** Both sides wait for their turns, and one of them for longer ones. */
function longerTurns(given: RuleInput, wait: number): Statement | undefined {
  const { subject, reference } = given
  const [places, users] = [slotsOf(subject), usersOf(subject)]
  const referenceWait = reference && figureOf(reference, 'wait')
  if (!sharesAlike(given) || !reference || referenceWait === undefined) return undefined
  if (places === undefined || users === undefined) return undefined
  return statement('slots.alike', {
    ...seen(keyOf(subject), places, users),
    wait: ms(wait),
    reference: config(keyOf(reference)),
    referenceWait: ms(referenceWait),
  })
}

function seen(key: string, slots: number, users: number) {
  return { config: config(key), slots: count(slots), users: count(users) }
}

/** Some architectures take one request at a time, whatever the environment says. */
function askedForMore(subject: ConfigAnalysis, slots: number): Statement | undefined {
  const asked = parseNumber(subject.config.env['OLLAMA_NUM_PARALLEL'])
  if (asked === undefined || asked <= slots) return undefined
  return statement('slots.asked', {
    config: config(keyOf(subject)),
    slots: count(slots),
    asked: count(asked),
  })
}

/** With other slots and all else alike the wait is gone: an experiment on just that setting. */
function vanishes({ subject, reference }: RuleInput, wait: number): boolean {
  if (reference === undefined) return false
  const left = figureOf(reference, 'wait')
  if (left === undefined || left >= wait * leftShare || !areSiblings(reference, subject))
    return false
  const [own, other] = [subject, reference].map(({ config: { env, options } }) => {
    const { OLLAMA_NUM_PARALLEL: asked, ...rest } = env
    return { asked, rest: JSON.stringify([rest, options]) }
  })
  return own?.asked !== other?.asked && own?.rest === other?.rest
}

function ofReference(reference: ConfigAnalysis): Statement | undefined {
  const [places, wait] = [slotsOf(reference), figureOf(reference, 'wait')]
  if (places === undefined || wait === undefined) return undefined
  return statement('slots.reference', {
    config: config(keyOf(reference)),
    slots: count(places),
    wait: ms(wait),
  })
}

/** On the subject's own kind of server, what more slots saved in waiting and added in computing. */
function movedElsewhere({
  configs,
  subject,
}: RuleInput): { readonly statement: Statement; readonly share: number } | undefined {
  const places = slotsOf(subject)
  const pairs = configs.flatMap((other) => {
    const others = slotsOf(other)
    if (other === subject || !areSiblings(other, subject)) return []
    if (places === undefined || others === undefined || places === others) return []
    return [others < places ? ([other, subject] as const) : ([subject, other] as const)]
  })
  for (const [few, many] of pairs) {
    const saved = difference(few, many, (each) => figureOf(each, 'wait'))
    const added = difference(many, few, computeOf)
    if (saved === undefined || added === undefined || saved <= 0) continue
    if (added >= saved * movedShare)
      return {
        share: added / saved,
        statement: statement('slots.moved', {
          from: count(slotsOf(few) ?? NaN),
          to: count(slotsOf(many) ?? NaN),
          saved: ms(saved),
          added: ms(added),
        }),
      }
  }
  return undefined
}

/** Of one run, on one kind of server and with one model. */
function areSiblings(one: ConfigAnalysis, other: ConfigAnalysis): boolean {
  const [first, second] = [one.config, other.config]
  if (first.kind === 'recorded' || second.kind === 'recorded') return false
  return (
    one.run === other.run &&
    isSameTarget(first.target, second.target) &&
    targetOf(one) === targetOf(other) &&
    first.model.name === second.model.name
  )
}

function difference(
  one: ConfigAnalysis,
  other: ConfigAnalysis,
  valueOf: (config: ConfigAnalysis) => number | undefined,
): number | undefined {
  const [first, second] = [valueOf(one), valueOf(other)]
  return first === undefined || second === undefined ? undefined : first - second
}
