import { describe, expect, it } from 'vitest'
import type { MeasuredConfig } from '../../src/experiment/experiment.ts'
import type { Evidence } from '../../src/results/record.ts'
import {
  change,
  fast,
  native,
  rounds,
  slow,
  spread,
  tuned,
  verdictOf,
  type Rounds,
} from './claims.ts'
import type { Simulation } from './simulate.ts'

describe('an undeclared difference', () => {
  const seen = (facts: Evidence['facts']): Simulation => ({
    evidence: [{ type: 'evidence', atMs: 0, source: '/api/show', when: 'before', facts }],
  })
  const facts = {
    serverVersion: '0.11.3',
    modelDigest: 'sha256:a',
    quantization: 'Q4_K_M',
    contextLength: 4096,
  }
  const from = rounds('native', 6, (round) => ({ ...spread(2)(round), ...seen(facts) }))
  const against = (other: Evidence['facts'], configs?: readonly [MeasuredConfig, MeasuredConfig]) =>
    verdictOf({
      claim: change('<=', -30),
      native: from,
      tuned: rounds('tuned', 6, (round) => ({
        ...spread(1)(round),
        ...seen({ ...facts, ...other }),
      })),
      ...(configs && { configs }),
    })

  it.each([
    ['serverVersion', '0.12.4'],
    ['modelDigest', 'sha256:b'],
    ['quantization', 'Q8_0'],
    ['contextLength', 2048],
  ] as const)('in %s prevents a verdict', (id, value) => {
    expect(against({ [id]: value })).toMatchObject({
      code: 'none',
      reason: {
        code: 'not-comparable',
        differences: [{ id, from: String(facts[id]), to: String(value), accepted: false }],
      },
    })
  })

  it('is reported but does not prevent a verdict if the file accepts it', () => {
    const accepting = { ...tuned, accept: ['serverVersion'] }
    expect(against({ serverVersion: '0.12.4' }, [native, accepting])).toMatchObject({
      code: 'supported',
      accepted: [{ id: 'serverVersion', from: '0.11.3', to: '0.12.4', accepted: true }],
    })
  })

  it.each([
    [{ modelDigest: 'sha256:b', quantization: 'Q8_0' }, { model: { name: 'qwen3:1.7b' } }],
    [{ contextLength: 2048 }, { options: { num_ctx: 2048 } }],
    [{ contextLength: 2048 }, { env: { OLLAMA_CONTEXT_LENGTH: '2048' } }],
  ] as const)('is not found in what the file declares to differ', (other, declared) => {
    expect(against(other, [native, { ...tuned, ...declared }]).code).toBe('supported')
  })

  describe('of models with the same content and another digest', () => {
    const withParameters = (digest: string, parameters: string): Evidence['facts'] => ({
      ...facts,
      modelDigest: digest,
      modelContentDigest: 'sha256:c',
      modelParameters: parameters,
    })
    const compared = (before: string, after: string, accept: readonly string[] = []) =>
      verdictOf({
        claim: change('<=', -30),
        native: rounds('native', 6, (round) => ({
          ...spread(2)(round),
          ...seen(withParameters('sha256:a', before)),
        })),
        tuned: rounds('tuned', 6, (round) => ({
          ...spread(1)(round),
          ...seen({
            ...withParameters('sha256:b', after),
            contextLength: after.includes('num_ctx') ? 512 : 4096,
          }),
        })),
        configs: [native, { ...tuned, accept }],
      })

    it('is one of their parameters', () => {
      expect(compared('none', 'num_thread 2')).toMatchObject({
        code: 'none',
        reason: { differences: [{ id: 'modelParameters', from: 'none', to: 'num_thread 2' }] },
      })
    })

    it('does not prevent a verdict if the file accepts it, and the context follows from it', () => {
      const accept = ['modelParameters']
      expect(compared('none', 'num_ctx 512; num_thread 2', accept).code).toBe('supported')
      expect(compared('none', 'num_thread 2', accept).code).toBe('supported')
    })

    it('is not found if only their licences differ', () => {
      expect(compared('num_thread 2', 'num_thread 2').code).toBe('supported')
    })
  })

  it('of the digest is not found if the file pins each model to its own', () => {
    const other = { modelDigest: 'sha256:b', quantization: 'Q8_0' }
    const pinned = (config: MeasuredConfig, digest: string) => ({
      ...config,
      model: { ...config.model, digest },
    })
    const [one, two] = ['0f1e2d3c4b5a', '7df6b6e09427']
    expect(against(other, [pinned(native, one), pinned(tuned, two)]).code).toBe('supported')
    expect(against(other, [pinned(native, one), pinned(tuned, `${one}00`)]).code).toBe('none')
  })

  it('is not found if only one side has evidence', () => {
    expect(verdictOf({ claim: change('<=', -30), native: from, tuned: fast }).code).toBe(
      'supported',
    )
  })

  const answers = (outputTokens: number, cut: (index: number) => boolean) =>
    rounds('tuned', 6, (round) => ({
      ...spread(1)(round),
      outputTokens,
      alter: (request) => (cut(request.index) ? { ...request, doneReason: 'length' } : request),
    }))
  const often = (index: number) => index % 3 === 0
  const judged = (trials: Rounds, rest: Partial<MeasuredConfig> = {}) =>
    verdictOf({
      claim: change('<=', -30),
      native: slow,
      tuned: trials,
      configs: [native, { ...tuned, ...rest }],
    })

  it('in the length at which servers cut answers prevents a verdict', () => {
    // the other side's answers have 14 tokens, and end by themselves
    expect(judged(answers(9, often)).reason).toEqual({
      code: 'not-comparable',
      differences: [{ id: 'answerLimit', from: '≥ 14', to: '9', accepted: false }],
    })
    const accept = { accept: ['answerLimit'] }
    expect(judged(answers(9, often), accept)).toMatchObject({
      code: 'supported',
      accepted: [{ id: 'answerLimit' }],
    })
  })

  it('in the answer limit prevents no verdict if no answer is longer, few are cut, or the file declares it', () => {
    expect(judged(answers(14, often)).code).toBe('supported')
    expect(judged(answers(9, () => false)).code).toBe('supported')
    const declared = { options: { ...tuned.options, num_predict: 9 } }
    expect(judged(answers(9, often), declared).code).toBe('supported')
  })

  it('in prompts prevents a verdict', () => {
    const other = rounds('tuned', 6, (round) => ({
      ...spread(1)(round),
      alter: (request) =>
        request.sample === 'c3' ? { ...request, promptDigest: 'other' } : request,
    }))
    expect(verdictOf({ claim: change('<=', -30), native: slow, tuned: other }).reason).toEqual({
      code: 'not-comparable',
      differences: [{ id: 'prompts', from: '1', to: '1', accepted: false }],
    })
  })
})
