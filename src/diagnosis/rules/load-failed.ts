/** The server could not load the model, so that trials failed before their first request. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import type { TrialSummary } from '../../analysis/trial-summary.ts'
import { keyOf } from '../config-facts.ts'
import { smallerContext, type Fix } from '../fix.ts'
import { defineRule, found, type RuleResult } from '../rule.ts'
import { config, count, literal, statementOf, type Statement } from '../statement.ts'

const statements = {
  'load-failed.trials': ['config', 'failed', 'trials'],
  'load-failed.reason': ['text'],
} as const
const statement = statementOf(statements)

export const loadFailed = defineRule({
  id: 'load-failed',
  references: ['ollama/ollama#15043', 'llama.cpp src/llama-context.cpp llama_init_from_model'],
  statements,
  next: { instead: 'change the setting that keeps the model from being loaded' },
  examineFailures,
})

function examineFailures(configs: readonly ConfigAnalysis[]): RuleResult {
  const failing = configs.filter((side) => failedLoads(side).length > 0)
  if (failing.length === 0) return undefined
  return found({
    configs: failing.map(keyOf),
    certainty: 'proven',
    evidence: failing.flatMap(evidenceOf),
    fixes: failing.flatMap(fixesOf),
    failed: { counted: 'trials', share: Math.max(...failing.map(shareOf)) },
  })
}

const needsFlashAttention = /requires flash_attn/i
const lacksMemory = /requires more (system )?memory|(unable|failed) to allocate|out of memory/i
const otherwise =
  / while it loaded |msg="?load failed|error loading model|failed to (load|create)|unknown model architecture/i

/** The reasons of the trials that sent no request because the model was not loaded. */
function failedLoads({ trials }: ConfigAnalysis): readonly string[] {
  return attemptedTrials(trials).flatMap(({ outcome, end }) => {
    const reason = outcome === 'failed' && end?.counts.sent === 0 ? (end.reason ?? '') : ''
    return [needsFlashAttention, lacksMemory, otherwise].some((each) => each.test(reason))
      ? [reason]
      : []
  })
}

function attemptedTrials(trials: readonly TrialSummary[]): readonly TrialSummary[] {
  return trials.filter(({ outcome }) => outcome === 'ended' || outcome === 'failed')
}

/** The share of trials that failed because the model was not loaded, from 0 to 1. */
function shareOf(side: ConfigAnalysis): number {
  return failedLoads(side).length / attemptedTrials(side.trials).length
}

function evidenceOf(side: ConfigAnalysis): readonly Statement[] {
  const reasons = new Set(failedLoads(side).map(serverText))
  return [
    statement('load-failed.trials', {
      config: config(keyOf(side)),
      failed: count(failedLoads(side).length),
      trials: count(attemptedTrials(side.trials).length),
    }),
    ...[...reasons]
      .slice(0, maxReasons)
      .map((text) => statement('load-failed.reason', { text: literal(text) })),
  ]
}

/** The number of reasons to show. Most reasons differ only in a number, such as the free memory. */
const maxReasons = 2

/** The server's own words: a line of its log or, without one, its answer with an error. */
function serverText(reason: string): string {
  return (
    (/; its log (?:says|ends): (.*)$/s.exec(reason) ??
      / answers \(\d+\): (.*)$/s.exec(reason))?.[1] ?? reason
  )
}

function fixesOf(side: ConfigAnalysis): readonly Fix[] {
  const reasons = failedLoads(side)
  if (reasons.some((each) => needsFlashAttention.test(each)))
    return [
      {
        code: 'with-flash-attention',
        config: keyOf(side),
        settings: [{ kind: 'variable', name: 'OLLAMA_FLASH_ATTENTION', value: 1 }],
      },
    ]
  return reasons.some((each) => lacksMemory.test(each)) ? [smallerContext(side)] : []
}
