import { describe, expect, it } from 'vitest'
import { fittingModels } from '../../src/doctor/fitting-models.ts'
import { memoryEstimate, shapeOf } from '../../src/doctor/memory-estimate.ts'

/** What `/api/show` of Ollama 0.20.0 says about SmolLM2-135M. */
const smollm2 = {
  'general.architecture': 'llama',
  'llama.attention.head_count': 9,
  'llama.attention.head_count_kv': 3,
  'llama.block_count': 30,
  'llama.context_length': 8192,
  'llama.embedding_length': 576,
}
const weights = 96_576_768

describe('the arithmetic of memory', () => {
  it.each([
    [4096, 190_948_608],
    [8192, 285_320_448],
  ])('of %i tokens is what /api/ps of Ollama 0.20.0 showed', (context, size) => {
    const shape = shapeOf(smollm2, weights)
    if ('unknown' in shape) throw new Error(shape.unknown)
    expect(memoryEstimate(shape, { slots: 1, context })).toBe(size)
    expect(memoryEstimate(shape, { slots: 2, context: context / 2 })).toBe(size)
  })

  it('uses the lengths of heads that the model states, and all heads if it shares none', () => {
    const shape = shapeOf(
      {
        'general.architecture': 'qwen3',
        'qwen3.attention.head_count': 16,
        'qwen3.attention.key_length': 128,
        'qwen3.attention.value_length': 128,
        'qwen3.block_count': 28,
        'qwen3.context_length': 40_960,
        'qwen3.embedding_length': 1024,
      },
      0,
    )
    if ('unknown' in shape) throw new Error(shape.unknown)
    expect(memoryEstimate(shape, { slots: 1, context: 1 })).toBe(28 * 16 * 256 * 2)
  })

  it.each([
    [{}, 'does not name its architecture'],
    [{ ...renamed('gemma3'), 'general.architecture': 'gemma3' }, 'formula of its own for gemma3'],
    [{ ...smollm2, 'llama.block_count': undefined }, 'no number for block_count'],
    [{ ...smollm2, 'llama.attention.head_count_kv': null }, 'attention.head_count_kv'],
  ])('is absent without what it needs: %j', (info, why) => {
    expect(shapeOf(info, weights)).toEqual({ unknown: expect.stringContaining(why) as unknown })
  })
})

function renamed(architecture: string) {
  return Object.fromEntries(
    Object.entries(smollm2).map(([key, value]) => [key.replace('llama', architecture), value]),
  )
}

describe('what fits this machine', () => {
  const there = { name: 'smollm2:135m', sizeBytes: weights, info: smollm2 }

  it('is listed by context, with lines to try', () => {
    expect(fittingModels([there], { bytes: 500_000_000 })).toEqual([
      {
        what: 'fits: smollm2:135m',
        state: 'info',
        detail:
          "slots × context that fit in 0.5 GiB of free memory, by Ollama's own estimate of weights and cache: 4 × 4096 (0.4 GiB), 2 × 8192 (0.4 GiB)",
        tries: [
          'exp compare smollm2:135m --vary OLLAMA_NUM_PARALLEL=1,4 --users 4',
          'exp compare smollm2:135m --vary num_ctx=4096,8192',
        ],
      },
    ])
  })

  it('says what does not fit, and why something is not known', () => {
    const [finding] = fittingModels([there], { bytes: 100_000_000 })
    expect(finding?.detail).toBe(
      'one slot of 4096 tokens takes 0.2 GiB, more than the 0.1 GiB that are free',
    )
    expect(finding?.tries).toBeUndefined()
    expect(fittingModels([there], { unknown: 'the free memory is not known' })[0]?.detail).toBe(
      'no estimate: the free memory is not known',
    )
    expect(fittingModels([{ ...there, info: undefined }], { bytes: 1 })[0]?.detail).toContain(
      'the server does not describe it',
    )
  })

  it('lists five models, and the number of the others', () => {
    const findings = fittingModels(
      Array.from({ length: 7 }, () => there),
      { bytes: 5e9 },
    )
    expect(findings).toHaveLength(6)
    expect(findings.at(-1)?.detail).toBe('2 more models are not listed')
  })
})
