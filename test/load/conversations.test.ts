import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/results/record.ts'
import { answers, refuses } from '../support/scripted-ollama.ts'
import { run } from './scripted-trial.ts'

/** Two conversations, of three turns and of two, and a single request. */
const conversations = [[0, 1, 2], [3], [4, 5]]
const samples = ['a/1', 'a/2', 'a/3', 'single', 'b/1', 'b/2']

/** The conversations of the measured phase: the records of each in the order in which they were sent. */
function byConversation(records: readonly RequestRecord[]): readonly (readonly RequestRecord[])[] {
  const numbers = [...new Set(records.flatMap(({ conversation }) => conversation ?? []))]
  return numbers.map((number) =>
    records
      .filter(({ conversation }) => conversation === number)
      .toSorted((one, other) => one.sentMs - other.sentMs),
  )
}

describe('conversations', () => {
  it('sends each turn when the answer to the turn before has arrived, and carries all of them', async () => {
    let answered = 0
    const { records, sampleRequests, result } = await run(
      {
        samples,
        conversations,
        warmupRequests: 2,
        load: { kind: 'closed-requests', users: 2, requests: 24 },
      },
      { generate: () => answers({ content: [`answer ${answered++}`] }) },
    )
    const measured = records.filter(({ phase }) => phase === 'measured')
    expect(result.counts).toMatchObject({ planned: 24, sent: 24, ok: 24 })
    for (const turns of byConversation(records)) {
      expect(turns.map(({ turn }) => turn)).toEqual(turns.map((_, index) => index + 1))
      expect(new Set(turns.map(({ user }) => user)).size).toBe(1)
      expect(new Set(turns.map(({ phase }) => phase)).size).toBe(1)
      for (const [index, turn] of turns.entries())
        expect(turn.sentMs).toBeGreaterThanOrEqual(turns[index - 1]?.endMs ?? 0)
      const [first] = turns
      expect(turns.map(({ sample }) => sample)).toEqual(
        samples
          .filter((id) => id.startsWith(first?.sample.slice(0, 1) ?? ''))
          .slice(0, turns.length),
      )
    }
    for (const { turn, sampleIndex } of sampleRequests) {
      const earlier = turn?.earlier ?? []
      expect(turn === undefined).toBe(samples[sampleIndex] === 'single')
      expect(earlier).toHaveLength((turn?.number ?? 1) - 1)
      expect(earlier.map((one) => one.sampleIndex)).toEqual(
        earlier.map((_, index) => sampleIndex - earlier.length + index),
      )
      for (const { answer } of earlier) expect(answer).toMatch(/^answer \d+$/)
    }
    expect(measured.filter(({ sample }) => sample === 'single').length).toBeGreaterThan(1)
    expect(measured.some(({ turn }) => turn === 3)).toBe(true)
  })

  it('ends a conversation with a turn that fails: its later turns are not sent', async () => {
    const { records, sampleRequests } = await run(
      { samples, conversations, load: { kind: 'closed-requests', users: 1, requests: 12 } },
      {
        generate: ({ index }) => (index % 4 === 1 ? refuses(500, 'broken') : answers()),
      },
    )
    expect(records.filter(({ outcome }) => outcome === 'http-error')).toHaveLength(3)
    for (const turns of byConversation(records)) {
      const failedAt = turns.findIndex(({ outcome }) => outcome !== 'ok')
      expect(failedAt === -1 || failedAt === turns.length - 1).toBe(true)
    }
    for (const { turn } of sampleRequests)
      for (const { answer } of turn?.earlier ?? []) expect(answer).toBe('{"score":95}')
  })

  it('numbers the conversations of a trial, those of the warm-up first', async () => {
    const { records } = await run(
      {
        samples,
        conversations,
        warmupRequests: 4,
        load: { kind: 'closed-requests', users: 1, requests: 9 },
      },
      {},
    )
    const numbers = records.flatMap(({ conversation }) => conversation ?? [])
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect([...new Set(numbers)]).toEqual([...new Set(numbers)].map((_, index) => index))
  })
})
