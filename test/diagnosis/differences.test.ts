import { describe, expect, it } from 'vitest'
import type { Cause } from '../../src/diagnosis/rules.ts'
import { codes, lookedFor, type Facts } from './story.ts'

const slower = { pace: 2 }
const facts: readonly (readonly [Cause, Facts, string])[] = [
  ['model', { modelDigest: 'b'.repeat(64) }, 'likely'],
  ['quantization', { quantization: 'F16' }, 'likely'],
  ['version', { serverVersion: '0.30.0' }, 'possible'],
  ['context', { contextLength: 32_768 }, 'possible'],
]

describe.each(facts)('an undeclared difference of the %s', (cause, other, certainty) => {
  it('is there, and its effect is said to be open', () => {
    const found = lookedFor(cause, { slow: { server: slower, facts: other }, fast: {} })
    expect(found).toMatchObject({
      outcome: 'found',
      certainty,
      share: 'unknown',
      reservations: [{ code: 'differs.effect-unknown' }],
    })
  })

  it('is ruled out where the sides agree', () => {
    expect(codes(lookedFor(cause, { slow: { server: slower }, fast: {} }))).toEqual(['alike'])
  })

  it('could not be looked at where a side does not say', () => {
    const dark = Object.fromEntries(Object.keys(other).map((id) => [id, undefined]))
    expect(lookedFor(cause, { slow: { server: slower }, fast: { facts: dark } })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'fast' }],
    })
  })
})

describe('a difference that the file declares', () => {
  const process = (version: string) => ({
    target: { kind: 'process', version, pull: false } as const,
  })
  const other = { model: { name: 'qwen3:0.6b-fp16' } }
  it.each([
    ['model', other, {}, { modelDigest: 'b'.repeat(64) }],
    ['quantization', other, {}, { quantization: 'F16' }],
    ['version', process('0.30.0'), process('0.11.3'), { serverVersion: '0.30.0' }],
    ['context', { options: { num_ctx: 32_768 } }, {}, { contextLength: 32_768 }],
    ['context', { env: { OLLAMA_CONTEXT_LENGTH: '9' } }, {}, { contextLength: 9 }],
  ] as const)('of the %s is what is tested, and no cause', (cause, own, base, facts) => {
    const slow = { config: own, server: slower, facts }
    expect(lookedFor(cause, { slow, fast: { config: base } })).toBeUndefined()
  })

  it('is none where one side alone names its version', () => {
    const slow = {
      config: process('0.30.0'),
      server: slower,
      facts: { serverVersion: '0.30.0' },
    }
    expect(lookedFor('version', { slow, fast: {} })?.outcome).toBe('found')
  })

  it('is still told where the file accepts it', () => {
    const slow = {
      config: { accept: ['serverVersion'] },
      server: slower,
      facts: { serverVersion: '0.30.0' },
    }
    expect(lookedFor('version', { slow, fast: {} })).toMatchObject({
      reservations: [{ code: 'differs.accepted' }, {}],
    })
  })
})
