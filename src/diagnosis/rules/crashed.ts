/** The process that computes the model crashed, and the requests that it served failed. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import type { TrialSummary } from '../../analysis/trial-summary.ts'
import { failedRequests, keyOf, sentRequests, triedTrials } from '../config-facts.ts'
import { defineRule, found, type RuleResult } from '../rule.ts'
import { config, count, literal, onlyDefined, statementOf, type Statement } from '../statement.ts'

const statements = {
  'crashed.times': ['config', 'crashes', 'trials'],
  'crashed.requests': ['config', 'failed', 'sent'],
  'crashed.answer': ['text'],
} as const
const statement = statementOf(statements)

export const crashed = defineRule({
  id: 'crashed',
  references: ['Ollama docs/api/errors.mdx', 'Ollama llm/server.go'],
  statements,
  next: { instead: 'find the reason of the crash in the log of the server, and remove it' },
  examineFailures,
})

function examineFailures(configs: readonly ConfigAnalysis[]): RuleResult {
  const crashing = configs.filter(
    (side) => failedRequests(side) > 0 && (crashesOf(side) > 0 || answerOf(side) !== undefined),
  )
  if (crashing.length === 0) return undefined
  return found({
    configs: crashing.map(keyOf),
    certainty: 'proven',
    evidence: crashing.flatMap(evidenceOf),
    fixes: [],
    failed: { counted: 'requests', share: Math.max(...crashing.map(shareOf)) },
  })
}

function evidenceOf(side: ConfigAnalysis): readonly Statement[] {
  const key = config(keyOf(side))
  const [crashes, text] = [crashesOf(side), answerOf(side)]
  return onlyDefined(
    crashes > 0 &&
      statement('crashed.times', {
        config: key,
        crashes: count(crashes),
        trials: count(triedTrials(side).filter((trial) => crashesIn(trial) > 0).length),
      }),
    statement('crashed.requests', {
      config: key,
      failed: count(failedRequests(side)),
      sent: count(sentRequests(side)),
    }),
    text !== undefined && statement('crashed.answer', { text: literal(text.replace(/\s+/g, ' ')) }),
  )
}

/** Ollama's answer if the process that computes the model has ended. */
const crashText =
  /model runner has unexpectedly stopped|llama runner process (no longer running|has terminated)/i

/**
 * An answer that matches `crashText`. Undefined if none does; only the first answer of each kind of failure is known.
 */
function answerOf(side: ConfigAnalysis): string | undefined {
  return triedTrials(side)
    .flatMap(({ failures }) => failures.flatMap(({ error }) => error ?? []))
    .find((error) => crashText.test(error))
}

function crashesOf(side: ConfigAnalysis): number {
  return triedTrials(side).reduce((sum, trial) => sum + crashesIn(trial), 0)
}

/** The crashes that the server's log shows. */
function crashesIn({ evidence }: TrialSummary): number {
  return Math.max(0, ...evidence.flatMap(({ facts }) => facts.crashes ?? []).map(Number))
}

function shareOf(side: ConfigAnalysis): number {
  return failedRequests(side) / sentRequests(side)
}
