/** There are more users than slots, so requests wait inside the server, whose reported durations omit this wait. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import {
  areSiblings,
  haveSameSpeedSettings,
  expectedWait,
  fitsQueueModel,
  haveSameUsersAndSlots,
} from '../compute.ts'
import {
  computeOf,
  effectiveVariablesOf,
  figureOf,
  keyOf,
  latencyOf,
  parseNumber,
  slotsOf,
  usersOf,
  warningsOf,
} from '../config-facts.ts'
import type { Fix } from '../fix.ts'
import { applyFix } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import {
  config,
  count,
  ms,
  onlyDefined,
  percent,
  statementOf,
  type Statement,
} from '../statement.ts'

/** A wait counts only if it is above both of these: in ms, and as a share of the latency. */
const minWaitMs = 20
const minWaitShare = 0.1
/**
 * If the computing time that extra slots add is at least this share of the wait that they save, they only turned
 * waiting into computing.
 */
const minMovedShare = 0.5
/**
 * If the added computing time is at least this share of the saved wait, more slots save almost nothing. Then the report
 * recommends an experiment or, if a config with a slot for each user was measured, nothing.
 */
const minLostShare = 0.8
/** If with another number of slots less than this share of the wait remains, requests waited for a slot. */
const maxLeftShare = 0.2
/** Ollama's default since 0.10. */
const defaultSlots = 1

const statements = {
  'slots.seen': ['config', 'slots', 'users'],
  'slots.asked': ['config', 'slots', 'asked'],
  'slots.no-parallel': [],
  'slots.wait': ['config', 'wait', 'share'],
  'slots.model': ['expected'],
  'slots.reference': ['config', 'slots', 'wait'],
  'slots.moved': ['from', 'to', 'saved', 'added', 'share'],
  'slots.above-model': ['expected', 'wait'],
  'slots.enough': ['config', 'slots', 'users'],
  'slots.alike': ['config', 'slots', 'users', 'wait', 'reference', 'referenceWait'],
  'slots.no-wait': ['config', 'wait'],
  'slots.declared-default': ['config', 'slots', 'users', 'reference', 'referenceSlots'],
  'slots.declared': ['config', 'slots', 'users', 'reference', 'referenceSlots'],
  'slots.stated': ['config', 'slots', 'users', 'reference', 'referenceSlots'],
  'slots.not-measured': [],
} as const
const statement = statementOf(statements)

export const slots = defineRule({
  id: 'slots',
  references: ['ollama/ollama#7758'],
  statements,
  next: applyFix,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, reference, gap } = input
  const key = keyOf(subject)
  if (subject.config.kind === 'recorded') return fromDocument(input)
  const [wait, latency] = [figureOf(subject, 'wait'), latencyOf(subject)]
  const [slots, users] = [slotsOf(subject), usersOf(subject)]
  if (wait === undefined || latency === undefined) return unchecked(key, 'requests')
  const isQueueing = wait > minWaitMs && wait > minWaitShare * latency
  if (!isQueueing && slots !== undefined && users !== undefined && users <= slots)
    return ruledOut(statement('slots.enough', slotValues(key, slots, users)))
  if (!isQueueing)
    return ruledOut(statement('slots.no-wait', { config: config(key), wait: ms(wait) }))
  if (slots === undefined) return unchecked(key, 'slots')
  if (users !== undefined && users <= slots)
    return ruledOut(statement('slots.enough', slotValues(key, slots, users)))
  const expected = expectedWait(subject)
  const fits = expected !== undefined && fitsQueueModel(wait, expected)
  const slowerRequests = fits ? slowerRequestsStatement(input, wait) : undefined
  if (slowerRequests) return ruledOut(slowerRequests)
  const moved = movedIntoComputing(input)
  const savesAlmostNothing = (moved?.share ?? 0) >= minLostShare
  const isMeasured = savesAlmostNothing && (moved?.slots ?? 0) >= (users ?? Infinity)
  const refused = refusedSlots(subject, slots)
  return found({
    configs: [key],
    certainty: fits || vanishesWithOtherSlots(input, wait) ? 'proven' : 'likely',
    evidence: onlyDefined(
      users !== undefined && statement('slots.seen', slotValues(key, slots, users)),
      ...refused,
      statement('slots.wait', {
        config: config(key),
        wait: ms(wait),
        share: percent((wait / latency) * 100),
      }),
      fits && statement('slots.model', { expected: ms(expected) }),
      reference && referenceStatement(reference),
    ),
    against: onlyDefined(moved?.statement),
    reservations: onlyDefined(
      expected !== undefined &&
        !fits &&
        wait > expected &&
        statement('slots.above-model', { expected: ms(expected), wait: ms(wait) }),
    ),
    cost: 'measured',
    maxMs: gap === undefined ? {} : { wait: gap.parts.wait },
    fixes:
      users === undefined || isMeasured
        ? []
        : refused.length > 0
          ? [{ code: 'several-servers', config: key, settings: [] }]
          : [{ ...moreSlots(key, users), ...(savesAlmostNothing && { needsExperiment: true }) }],
  })
}

/** A document contains only settings and facts: fewer slots than users may have made requests wait. */
function fromDocument({ subject, reference }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const users = usersOf(subject)
  if (users === undefined || reference === undefined) return unchecked(key, 'requests')
  const areDocuments = reference.config.kind === 'recorded'
  const [subjectSlots, referenceSlots] = [subject, reference].map((side) => {
    const declared = parseNumber(side.config.env['OLLAMA_NUM_PARALLEL'])
    return slotsOf(side) ?? declared ?? (areDocuments ? defaultSlots : undefined)
  })
  const isStated = slotsOf(subject) !== undefined && slotsOf(reference) !== undefined
  if (
    subjectSlots === undefined ||
    referenceSlots === undefined ||
    subjectSlots >= Math.min(users, referenceSlots)
  )
    return unchecked(key, 'requests')
  const isSet = subject.config.env['OLLAMA_NUM_PARALLEL'] !== undefined
  return found({
    configs: [key],
    certainty: 'possible',
    evidence: [
      statement(isStated ? 'slots.stated' : isSet ? 'slots.declared' : 'slots.declared-default', {
        config: config(key),
        slots: count(subjectSlots),
        users: count(users),
        reference: config(keyOf(reference)),
        referenceSlots: count(referenceSlots),
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

/**
 * Says that both sides have the same users and slots, so that the subject waits longer only because its requests take
 * longer.
 */
function slowerRequestsStatement(input: RuleInput, wait: number): Statement | undefined {
  const { subject, reference } = input
  const [slots, users] = [slotsOf(subject), usersOf(subject)]
  const referenceWait = reference && figureOf(reference, 'wait')
  if (!haveSameUsersAndSlots(input) || !reference || referenceWait === undefined) return undefined
  if (slots === undefined || users === undefined) return undefined
  return statement('slots.alike', {
    ...slotValues(keyOf(subject), slots, users),
    wait: ms(wait),
    reference: config(keyOf(reference)),
    referenceWait: ms(referenceWait),
  })
}

function slotValues(key: string, slots: number, users: number) {
  return { config: config(key), slots: count(slots), users: count(users) }
}

/**
 * Says that the server has fewer slots than were requested, because some architectures compute one request at a time.
 */
function refusedSlots(subject: ConfigAnalysis, slots: number): readonly Statement[] {
  const requested =
    parseNumber(subject.config.env['OLLAMA_NUM_PARALLEL']) ??
    parseNumber(effectiveVariablesOf(subject)?.get('OLLAMA_NUM_PARALLEL'))
  if (requested === undefined || requested <= slots) return []
  return onlyDefined(
    statement('slots.asked', {
      config: config(keyOf(subject)),
      slots: count(slots),
      asked: count(requested),
    }),
    warningsOf(subject).includes('no-parallel-requests') && statement('slots.no-parallel', {}),
  )
}

/** True if the reference has another number of slots, is otherwise the same, and has almost no wait. */
function vanishesWithOtherSlots({ subject, reference }: RuleInput, wait: number): boolean {
  if (reference === undefined) return false
  const referenceWait = figureOf(reference, 'wait')
  if (
    referenceWait === undefined ||
    referenceWait >= wait * maxLeftShare ||
    !areSiblings(reference, subject)
  )
    return false
  const [subjectSettings, referenceSettings] = [subject, reference].map(
    ({ config: { env, options } }) => {
      const { OLLAMA_NUM_PARALLEL: parallel, ...rest } = env
      return { parallel, rest: JSON.stringify([rest, options]) }
    },
  )
  return (
    subjectSettings?.parallel !== referenceSettings?.parallel &&
    subjectSettings?.rest === referenceSettings?.rest
  )
}

function referenceStatement(reference: ConfigAnalysis): Statement | undefined {
  const [slots, wait] = [slotsOf(reference), figureOf(reference, 'wait')]
  if (slots === undefined || wait === undefined) return undefined
  return statement('slots.reference', {
    config: config(keyOf(reference)),
    slots: count(slots),
    wait: ms(wait),
  })
}

interface MovedWait {
  readonly statement: Statement
  /** The added computing time as a share of the saved wait. */
  readonly share: number
  /** The larger number of slots. */
  readonly slots: number
}

/**
 * Compares two configs that differ only in slots: how much waiting the additional slots saved, and how much computing
 * they added. `undefined` if there are no two such configs, or if the slots added less than `minMovedShare` of what
 * they saved.
 */
function movedIntoComputing({ configs, subject }: RuleInput): MovedWait | undefined {
  const slots = slotsOf(subject)
  const pairs = configs.flatMap((sibling) => {
    const siblingSlots = slotsOf(sibling)
    if (sibling === subject || !areSiblings(sibling, subject)) return []
    if (!haveSameSpeedSettings(sibling, subject)) return []
    if (slots === undefined || siblingSlots === undefined || slots === siblingSlots) return []
    return [siblingSlots < slots ? ([sibling, subject] as const) : ([subject, sibling] as const)]
  })
  for (const [few, many] of pairs) {
    const saved = difference(few, many, (each) => figureOf(each, 'wait'))
    const added = difference(many, few, computeOf)
    if (saved === undefined || added === undefined || saved <= 0) continue
    if (added >= saved * minMovedShare)
      return {
        share: added / saved,
        slots: slotsOf(many) ?? NaN,
        statement: statement('slots.moved', {
          from: count(slotsOf(few) ?? NaN),
          to: count(slotsOf(many) ?? NaN),
          saved: ms(saved),
          added: ms(added),
          share: percent((added / saved) * 100),
        }),
      }
  }
  return undefined
}

function difference(
  one: ConfigAnalysis,
  other: ConfigAnalysis,
  valueOf: (config: ConfigAnalysis) => number | undefined,
): number | undefined {
  const [first, second] = [valueOf(one), valueOf(other)]
  return first === undefined || second === undefined ? undefined : first - second
}
