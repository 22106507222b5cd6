import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerText } from '../../src/embedded/answer-text.ts'
import { truncatePrompt } from '../../src/embedded/engine.ts'

describe('AnswerText', () => {
  it('returns the text before the first stop sequence, however the bytes are split', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '漫', '😀'), maxLength: 30 })
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '漫'), maxLength: 3 }), {
      maxLength: 3,
    })
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 })
    fc.assert(
      fc.property(text, stops, sizes, (whole, sequences, pieces) => {
        const answer = new AnswerText(sequences)
        const bytes = Buffer.from(whole)
        let sent = ''
        for (let at = 0, turn = 0; at < bytes.length && !answer.isStopped; turn++) {
          const size = pieces[turn % pieces.length] ?? 1
          sent += answer.push(bytes.subarray(at, at + size))
          at += size
        }
        sent += answer.finish()
        const ends = sequences.filter((stop) => stop !== '').map((stop) => whole.indexOf(stop))
        const found = ends.filter((end) => end >= 0)
        expect(answer.isStopped).toBe(found.length > 0)
        if (found.length === 0) expect(sent).toBe(whole)
        else expect(whole.startsWith(sent)).toBe(true)
        for (const stop of sequences) if (stop !== '') expect(sent).not.toContain(stop)
      }),
    )
  })

  it('holds back an incomplete character and drops it at the end', () => {
    const answer = new AnswerText([])
    expect(answer.push(Uint8Array.of(0xe6, 0xbc))).toBe('')
    expect(answer.finish()).toBe('')
  })
})

describe('truncatePrompt', () => {
  const prompt = (length: number): readonly number[] => Array.from({ length }, (_, index) => index)
  const limits = { contextLength: 4096, keep: 4, truncate: true, shift: true }

  it.each([
    [4096, 4, 2050],
    [4096, 5, 2051],
    [32768, 4, 16386],
    [65536, 4, 32770],
  ])('of %i tokens of context and %i to keep leaves %i', (contextLength, keep, left) => {
    const cut = truncatePrompt(prompt(70_000), { ...limits, contextLength, keep })
    expect(cut).toHaveLength(left)
    expect(cut.slice(0, keep)).toEqual(prompt(keep))
    expect(cut.at(-1)).toBe(69_999)
  })

  it('returns a prompt that fits unchanged', () => {
    const fitting = prompt(4095)
    expect(truncatePrompt(fitting, limits)).toBe(fitting)
    expect(truncatePrompt(prompt(4096), limits)).toHaveLength(2050)
  })
})
