import { describe, expect, it } from 'vitest'
import type { TrialEnd } from '../../../src/results/record.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { configResultOf, type Side } from '../support/pairs.ts'

const none = { sent: 0, ok: 0, failed: 0, cancelled: 0 }

/** The first trials fail for this reason; the others end. */
function failing(reason: string, failed = 6, counts: TrialEnd['counts'] = none): Side {
  const end = { outcome: 'failed', reason, counts } as const
  return { round: (round) => (round <= failed ? { requests: 0, end } : {}) }
}
const resultOf = (slow: Side) => configResultOf('load-failed', { slow, fast: {} })

const withoutFlashAttention =
  'the server answers (500): llama-server process has terminated: exit status 1; its log says: llama_init_from_model: quantized V cache requires flash_attn to be enabled'
const withoutMemory =
  'the server answers (500): model requires more system memory (44.0 GiB) than is available (7.6 GiB)'

describe('rule load-failed', () => {
  it('proves the cause by the line of the log, which it quotes once, and says how to turn flash attention on', () => {
    expect(resultOf(failing(withoutFlashAttention))).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      configs: ['slow'],
      rank: 'critical',
      failed: { counted: 'trials', share: 1 },
      evidence: [
        { code: 'load-failed.trials', values: { failed: { value: 6 }, trials: { value: 6 } } },
        {
          code: 'load-failed.reason',
          values: {
            text: {
              literal: 'llama_init_from_model: quantized V cache requires flash_attn to be enabled',
            },
          },
        },
      ],
      fixes: [
        {
          code: 'with-flash-attention',
          settings: [{ name: 'OLLAMA_FLASH_ATTENTION', value: 1 }],
        },
      ],
    })
  })

  it('recommends a smaller context if memory is missing, and ranks by the share of trials', () => {
    expect(resultOf(failing(withoutMemory, 1))).toMatchObject({
      rank: 'secondary',
      failed: { share: 1 / 6 },
      evidence: {
        1: {
          values: {
            text: {
              literal: 'model requires more system memory (44.0 GiB) than is available (7.6 GiB)',
            },
          },
        },
      },
      fixes: [{ code: 'smaller-context' }],
    })
  })

  it('shows the reason even if no fix is known', () => {
    const reason = '`ollama serve` ended (exit code 2) while it loaded `m`; its log ends: a / b'
    expect(resultOf(failing(reason))).toMatchObject({
      evidence: { 1: { values: { text: { literal: 'a / b' } } } },
      fixes: [],
    })
  })

  it('does not apply to trials that failed later, or for another reason', () => {
    expect(resultOf(failing(withoutMemory, 6, { ...none, sent: 3, failed: 3 }))).toBeUndefined()
    expect(resultOf(failing('no server answers'))).toBeUndefined()
    expect(resultOf({})).toBeUndefined()
  })
})

describeNextExperiment('load-failed', { slow: failing(withoutMemory, 1), fast: {} })
