import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, inDocker, resultOf } from '../support/pairs.ts'
import { combined, waitsForLoad, type RequestChange } from '../support/request-changes.ts'

const everyTenth = waitsForLoad(3000, ({ index }) => index > 5 && index % 10 === 0)
const options = { config: { options: { num_ctx: 4096 } } }

describe('rule reload', () => {
  it('proves the cause if the server had a context that no config requests', () => {
    const slow = {
      ...options,
      server: { alter: everyTenth },
      after: { loadCount: 8, contextLength: 8192 },
    }
    const found = resultOf('reload', { slow, fast: options })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(evidenceCodes(found)).toContain('reload.context')
  })

  it('does not attribute the context that the model was trained for to another client', () => {
    const slow = {
      config: { options: { num_ctx: 16_384 } },
      facts: {
        contextTotal: 8192,
        slots: 1,
        contextLength: 16_384,
        serverWarnings: '["context-too-large"]',
      },
      server: { alter: everyTenth },
      after: { loadCount: 8, contextLength: 8192 },
    }
    const found = resultOf('reload', { slow, fast: { config: slow.config, facts: slow.facts } })
    expect(found?.outcome).toBe('found')
    expect(evidenceCodes(found)).not.toContain('reload.context')
  })

  it('proves the cause if the log shows a load with such a context', () => {
    const after = { loadCount: 8, otherContext: 8192 }
    const slow = { ...options, server: { alter: everyTenth }, after }
    const found = resultOf('reload', { slow, fast: options })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(evidenceCodes(found)).toContain('reload.context')
  })

  it('proves the cause by such a load in the log even if the requests name no context', () => {
    const slow = { server: { alter: everyTenth }, after: { loadCount: 8, otherContext: 32768 } }
    const found = resultOf('reload', { slow, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', reservations: [] })
    expect(evidenceCodes(found)).toContain('reload.context-unasked')
  })

  it('finds the cause likely if loads happen without a pause, and says that the reason is unknown', () => {
    const slow = { ...options, server: { alter: everyTenth }, after: { loadCount: 8 } }
    expect(resultOf('reload', { slow, fast: options })).toMatchObject({
      outcome: 'found',
      certainty: 'likely',
      reservations: [{ code: 'reload.other-client' }],
    })
  })

  it('rules the cause out if only the first requests waited', () => {
    const alter = waitsForLoad(3000, ({ index }) => index < 3)
    const slow = { ...options, server: { alter }, after: { loadCount: 1 } }
    const found = resultOf('reload', { slow, fast: options })
    expect(found?.outcome).toBe('ruled-out')
    expect(evidenceCodes(found)).toEqual(['loads.at-start'])
  })

  it('rules the cause out after a pause about as long as the keep-alive time, which rule keep-alive explains', () => {
    const pausing: RequestChange = (request) => ({
      ...request,
      sentMs: request.sentMs + request.index * 7_700,
      endMs: request.endMs + request.index * 7_700,
    })
    const facts = { serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '5s' }) }
    const server = { users: 1, windowMs: 1200 }
    const alter = combined(
      pausing,
      waitsForLoad(3000, ({ index }) => index > 0),
    )
    const slow = { server: { ...server, alter }, facts, after: { ...facts, loadCount: 5 } }
    const pair = { slow, fast: { server } }
    expect(evidenceCodes(resultOf('reload', pair))).toEqual(['loads.idle'])
    expect(resultOf('keep-alive', pair)?.outcome).toBe('found')
  })

  it('says that the model should have been kept forever', () => {
    const facts = { serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '-1s' }) }
    const slow = { server: { alter: everyTenth }, facts, after: { ...facts, loadCount: 8 } }
    expect(evidenceCodes(resultOf('reload', { slow, fast: options }))).toContain(
      'loads.kept-forever',
    )
  })

  it('reports that the keep-alive time is missing', () => {
    const facts = { serverConfig: undefined }
    const slow = { server: { alter: everyTenth }, facts, after: { ...facts, loadCount: 8 } }
    expect(resultOf('reload', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'keepAlive' }],
    })
  })

  it('rules the cause out if another context was seen but no request waited', () => {
    const slow = { ...options, server: { decodeMs: 300 }, after: { contextLength: 8192 } }
    expect(evidenceCodes(resultOf('reload', { slow, fast: options }))).toEqual(['loads.none'])
  })
})

const atUrl = { target: { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } } as const

describeNextExperiment('reload', {
  slow: {
    config: atUrl,
    server: { alter: waitsForLoad(3000, ({ index }) => index > 5 && index % 10 === 0) },
    after: { loadCount: 8 },
  },
  fast: { config: inDocker },
})
