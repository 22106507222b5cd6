/** The bodies of requests that are turns of a conversation. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { MeasuredConfig } from '../../src/experiment/experiment.ts'
import type { SampleRequest } from '../../src/load/load-plan.ts'
import type { Generation } from '../../src/ollama/generation.ts'
import { createRequestFactory, type RequestFactory } from '../../src/run/request-factory.ts'
import { experimentText, measured, parsed } from '../experiment/support.ts'

const keep = { prompts: 'digest', answers: 'none' } as const
const scope = { run: 'r', round: 1 }

function configOf(workload: string): MeasuredConfig {
  const dataset = `dataset:
  name: chats
  samples:
    - {id: c1, tone: plain, turns: [{text: Hello}, {text: Why?, expected: because}, {text: Thanks}]}
    - {id: c2, tone: short, turns: [{text: Hi}, {text: More}]}
  checks: [{name: said, measure: contains}, {name: json, measure: json}]`
  const text = experimentText({
    dataset,
    workload: `workload: {prompt: "{{tone}}: {{text}}", ${workload} load: {users: 1, requests: 9}}`,
  })
  return measured(parsed(text), 'plain')
}

const body = z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) })

function messagesOf(factory: RequestFactory, request: Partial<SampleRequest>) {
  const { request: prepared } = factory.prepare({
    phase: 'measured',
    sampleIndex: 0,
    occurrence: 0,
    ...request,
  })
  const { messages } = body.parse(JSON.parse(Buffer.from(prepared.body).toString()))
  return messages.map(({ role, content }) => `${role} ${content}`)
}

const turn = (number: number, answers: readonly string[]) => ({
  sampleIndex: number - 1,
  turn: {
    conversation: 4,
    number,
    earlier: answers.map((answer, sampleIndex) => ({ sampleIndex, answer })),
  },
})

describe('a turn', () => {
  it('carries the turns before it with the answers of the model', () => {
    const factory = createRequestFactory(configOf('cache: as-is, system: Be kind.,'), scope, keep)
    expect(messagesOf(factory, turn(3, ['Hello!', 'So.']))).toEqual([
      'system Be kind.',
      'user plain: Hello',
      'assistant Hello!',
      'user plain: Why?',
      'assistant So.',
      'user plain: Thanks',
    ])
  })

  it('has the cold prefix of its conversation, which other conversations do not have', () => {
    const factory = createRequestFactory(configOf(''), scope, keep)
    const [first] = messagesOf(factory, turn(1, []))
    const later = messagesOf(factory, turn(2, ['Hello!']))
    expect(first).toMatch(/^user \d{12}\nplain: Hello$/)
    expect(later).toEqual([first, 'assistant Hello!', 'user plain: Why?'])
    const again = messagesOf(factory, { ...turn(2, ['Hello!']), occurrence: 1 })
    expect(again[0]).not.toBe(first)
    expect(again[0]).toMatch(/^user \d{12}\nplain: Hello$/)
    const other = messagesOf(factory, { sampleIndex: 3 })
    expect(other[0]?.slice(0, 17)).not.toBe(first?.slice(0, 17))
  })

  it('has the prefix before a system prompt only', () => {
    const factory = createRequestFactory(configOf('system: Be kind.,'), scope, keep)
    const [system, ...others] = messagesOf(factory, turn(2, ['Hello!']))
    expect(system).toMatch(/^system \d{12}\nBe kind.$/)
    expect(others).toEqual(['user plain: Hello', 'assistant Hello!', 'user plain: Why?'])
  })

  it('stores a digest of its own prompt, whatever the model answered before', () => {
    const factory = createRequestFactory(configOf(''), scope, keep)
    const digestOf = (answer: string) =>
      factory.prepare({ phase: 'measured', occurrence: 0, ...turn(2, [answer]) }).promptDigest
    expect(digestOf('one')).toBe(digestOf('other'))
    const text = createRequestFactory(configOf(''), scope, { ...keep, prompts: 'text' })
    const stored = text.prepare({ phase: 'measured', occurrence: 0, ...turn(2, ['one']) })
    expect(stored.prompt).toBe('plain: Why?')
  })

  it('keeps earlier prompts and answers out of stored errors', () => {
    const factory = createRequestFactory(configOf('cache: as-is,'), scope, keep)
    const { request } = factory.prepare({
      phase: 'measured',
      occurrence: 0,
      ...turn(2, ['a secret answer']),
    })
    const failed: Generation = {
      outcome: 'http-error',
      error: 'cannot read plain: Hello and a secret answer',
      sentAt: 0,
      endedAt: 1,
      thinking: '',
      content: '',
    }
    const { error } = factory.withKeptError(request, failed)
    expect(error).toBe('cannot read [prompt] and [answer]')
  })

  it('is checked against its own expected values; without any, only its form is checked', () => {
    const factory = createRequestFactory(configOf(''), scope, keep)
    const answer: Generation = {
      outcome: 'ok',
      sentAt: 0,
      endedAt: 1,
      thinking: '',
      content: 'just because',
    }
    const scoresOf = (sampleIndex: number) =>
      factory.evaluate({ sampleIndex, occurrence: 0 }, answer).scores
    expect(scoresOf(0)).toEqual({ json: 0 })
    expect(scoresOf(1)).toEqual({ said: 1, json: 0 })
  })
})
