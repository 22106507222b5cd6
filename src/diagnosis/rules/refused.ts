/** The server's queue was full, and it refused requests. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import {
  effectiveVariablesOf,
  failedRequests,
  keyOf,
  parseNumber,
  sentRequests,
  slotsOf,
  triedTrials,
  usersOf,
} from '../config-facts.ts'
import type { Fix } from '../fix.ts'
import { changeOf, configuredTarget, type Plan } from '../next-plan.ts'
import { kindFacts } from '../../experiment/target-kinds.ts'
import { defineRule, found, ruledOut, type RuleResult } from '../rule.ts'
import {
  config,
  count,
  literal,
  onlyDefined,
  percent,
  statementOf,
  type Statement,
} from '../statement.ts'

const statements = {
  'refused.requests': ['config', 'refused', 'sent', 'share'],
  'refused.answer': ['status', 'text'],
  'refused.text': ['text'],
  'refused.queue': ['config', 'queue', 'setting'],
  'refused.users': ['config', 'users'],
  'refused.slots': ['config', 'slots'],
  'refused.none': ['config'],
} as const
const statement = statementOf(statements)

/** A longer queue should accept at least this share of the requests that were refused. */
const minSavedShare = 0.5

const planWithLongerQueue: Plan = ({ finding, subject }) => {
  const change = changeOf(
    finding.fixes.find(({ config: key }) => key === keyOf(subject))?.settings ?? [],
  )
  const target = configuredTarget(subject)
  if (change === undefined || target === undefined || !kindFacts(target.kind).startsServer)
    return undefined
  return {
    addedConfig: { from: 'subject', change },
    everywhere: {},
    claim: {
      metric: 'okRate',
      config: 'added',
      versus: 'subject',
      kind: 'change',
      percent: Math.max(1, Math.round(shareOf(subject) * 100 * minSavedShare)),
    },
  }
}

export const refused = defineRule({
  id: 'refused',
  references: ['Ollama docs/faq.mdx', 'Ollama server/sched.go ErrMaxQueue'],
  statements,
  next: planWithLongerQueue,
  examineFailures,
})

function examineFailures(configs: readonly ConfigAnalysis[]): RuleResult {
  const refusing = configs.filter((side) => shareOf(side) > 0)
  if (refusing.length > 0) {
    const worstFirst = refusing.toSorted((one, other) => shareOf(other) - shareOf(one))
    return found({
      configs: worstFirst.map(keyOf),
      certainty: 'proven',
      evidence: worstFirst.flatMap(evidenceOf),
      fixes: worstFirst.map(fixOf),
      failed: { counted: 'requests', share: Math.max(...refusing.map(shareOf)) },
    })
  }
  const failing = configs.filter((side) => failedRequests(side) > 0)
  if (failing.length === 0) return undefined
  return ruledOut(
    ...failing.map((side) => statement('refused.none', { config: config(keyOf(side)) })),
  )
}

function evidenceOf(side: ConfigAnalysis): readonly Statement[] {
  const key = config(keyOf(side))
  const [first] = triedTrials(side).flatMap(({ refusals }) => refusals ?? [])
  const [users, slots, queue] = [usersOf(side), slotsOf(side), queueOf(side)]
  const text = first && literal(first.error.replace(/\s+/g, ' '))
  return onlyDefined(
    statement('refused.requests', {
      config: key,
      refused: count(refusedIn(side)),
      sent: count(sentRequests(side)),
      share: percent(shareOf(side) * 100),
    }),
    text &&
      (first.httpStatus === undefined
        ? statement('refused.text', { text })
        : statement('refused.answer', { status: literal(String(first.httpStatus)), text })),
    queue !== undefined &&
      statement('refused.queue', {
        config: key,
        queue: count(queue),
        setting: literal('OLLAMA_MAX_QUEUE'),
      }),
    users !== undefined && statement('refused.users', { config: key, users: count(users) }),
    slots !== undefined && statement('refused.slots', { config: key, slots: count(slots) }),
  )
}

/**
 * The fix: a queue with a place for each user, which never fills up. If the queue already is that long, or if the load
 * has no users, the fix is to send fewer requests at once.
 */
function fixOf(side: ConfigAnalysis): Fix {
  const [users, queue] = [usersOf(side), queueOf(side)]
  const isLongEnough = users === undefined || (queue !== undefined && queue >= users)
  return isLongEnough
    ? { code: 'fewer-requests', config: keyOf(side), settings: [] }
    : {
        code: 'larger-queue',
        config: keyOf(side),
        settings: [{ kind: 'variable', name: 'OLLAMA_MAX_QUEUE', value: users }],
      }
}

/** The length of the queue, as the server's log reports it or, without a log, as the config sets it. */
function queueOf(side: ConfigAnalysis): number | undefined {
  return parseNumber(
    effectiveVariablesOf(side)?.get('OLLAMA_MAX_QUEUE') ?? side.config.env['OLLAMA_MAX_QUEUE'],
  )
}

function refusedIn(side: ConfigAnalysis): number {
  return triedTrials(side).reduce((sum, { refusals }) => sum + (refusals?.count ?? 0), 0)
}

/** The share of requests that were refused, from 0 to 1. */
function shareOf(side: ConfigAnalysis): number {
  const sent = sentRequests(side)
  return sent === 0 ? 0 : refusedIn(side) / sent
}
