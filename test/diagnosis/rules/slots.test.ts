import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import type { RequestRecord } from '../../../src/results/record.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, explanationOf, resultOf } from '../support/pairs.ts'

const oneSlot = { server: { slots: 1 }, facts: { slots: 1 } }

/** One slot, and 3 s of waiting in the server that the users of this side do not explain. */
const heldUp = { server: { slots: 1, windowMs: 40_000, alter: held }, facts: { slots: 1 } }

describe('rule slots', () => {
  it('proves the cause if users outnumber slots and the wait matches the queueing model', () => {
    const { findings, subject } = explanationOf({ slow: oneSlot, fast: {} })
    expect(subject).toBe('slow')
    expect(findings[0]).toMatchObject({
      cause: 'slots',
      certainty: 'proven',
      rank: 'critical',
      cost: 'measured',
    })
    expect(evidenceCodes(findings[0])).toEqual([
      'slots.seen',
      'slots.wait',
      'slots.model',
      'slots.reference',
    ])
    expect(findings[0]?.fixes[0]?.settings).toEqual([
      { kind: 'variable', name: 'OLLAMA_NUM_PARALLEL', value: 3 },
    ])
    expect(findings).toHaveLength(1)
  })

  it('rules the cause out if each user has a slot', () => {
    expect(resultOf('slots', { slow: { server: { decodeMs: 300 } }, fast: {} })).toMatchObject({
      outcome: 'ruled-out',
      evidence: [{ code: 'slots.enough', values: { slots: { value: 4 }, users: { value: 3 } } }],
    })
  })

  it('rules the cause out if both sides wait equally long', () => {
    const both = { ...oneSlot, server: { slots: 1, decodeMs: 150 } }
    const slow = { ...oneSlot, server: { slots: 1, decodeMs: 150, alter: later(100) } }
    const found = resultOf('slots', { slow, fast: both })
    expect(found?.outcome).toBe('ruled-out')
    expect(evidenceCodes(found)).toEqual(['slots.alike'])
  })

  it('rules the cause out if the wait is longer only because each request takes longer', () => {
    const cores = { threads: 4, cpuCount: 8 }
    const slow = { server: { slots: 1, decodeMs: 600 }, facts: { ...oneSlot.facts, threads: 12 } }
    const fast = { server: { slots: 1, decodeMs: 300 }, facts: { ...oneSlot.facts, ...cores } }
    const { findings, ruledOut, gap } = explanationOf({ slow, fast })
    expect(findings).toMatchObject([{ cause: 'threads', certainty: 'proven', rank: 'critical' }])
    expect(gap?.parts.wait).toBeGreaterThan(500)
    expect(findings[0]?.ms.wait).toBeCloseTo(gap?.parts.wait ?? NaN, -1)
    const slots = ruledOut.find(({ cause }) => cause === 'slots')
    expect(slots?.evidence).toMatchObject([
      { code: 'slots.alike', values: { users: { value: 3 }, slots: { value: 1 } } },
    ])
  })

  it('finds the cause if more users share the slot', () => {
    const { workload } = measuredConfig('fast')
    const config = { workload: { ...workload, load: { ...workload.load, users: 2 } } }
    const fast = { ...oneSlot, config, server: { slots: 1, users: 2 } }
    expect(resultOf('slots', { slow: oneSlot, fast })).toMatchObject({ outcome: 'found' })
  })

  it('finds the cause if one side waits longer than its own users explain', () => {
    expect(resultOf('slots', { slow: heldUp, fast: oneSlot })).toMatchObject({
      outcome: 'found',
      certainty: 'likely',
      reservations: [{ code: 'slots.above-model' }],
    })
  })

  it('reports that the number of slots is missing', () => {
    const slow = { server: { slots: 1 }, facts: { slots: undefined, serverConfig: undefined } }
    expect(resultOf('slots', { slow, fast: {} })).toEqual({
      outcome: 'unchecked',
      cause: 'slots',
      missing: [{ config: 'slow', fact: 'slots' }],
    })
  })

  it('says that more slots only turned waiting time into computing time, and recommends an experiment for what was not measured', () => {
    const withSibling = (slots: number, decodeMs: number) =>
      resultOf('slots', {
        slow: oneSlot,
        fast: {},
        others: { fast2: { server: { slots, decodeMs }, facts: { slots } } },
      })
    expect(withSibling(2, 400)).toMatchObject({
      outcome: 'found',
      against: [{ code: 'slots.moved' }],
      fixes: [{ code: 'more-slots', needsExperiment: true }],
    })
    expect(withSibling(3, 500)).toMatchObject({ against: [{ code: 'slots.moved' }], fixes: [] })
    const alone = resultOf('slots', { slow: oneSlot, fast: {} })
    expect(alone).toMatchObject({ fixes: [expect.not.objectContaining({ needsExperiment: true })] })
  })

  it('compares slots of configs whose settings differ only where they cannot act', () => {
    const env = { OLLAMA_CONTEXT_LENGTH: '8192', OLLAMA_KEEP_ALIVE: '60s' }
    const others = (config: object) => ({
      fast2: { server: { slots: 3, decodeMs: 500 }, config },
    })
    const against = (config: object, own: object) =>
      resultOf('slots', { slow: { ...oneSlot, config: own }, fast: {}, others: others(config) })
    const options = { num_ctx: 4096 }
    expect(against({ env, options }, { options })).toMatchObject({
      against: [{ code: 'slots.moved' }],
    })
    expect(against({ env }, {})).toMatchObject({ against: [] })
  })

  it('finds the cause likely if the wait is longer than the queueing model predicts, and proves it if a change of slots alone removes the wait', () => {
    const likely = { certainty: 'likely', reservations: [{ code: 'slots.above-model' }] }
    expect(resultOf('slots', { slow: heldUp, fast: {} })).toMatchObject(likely)
    const withSlots = (slots: string) => ({ config: { env: { OLLAMA_NUM_PARALLEL: slots } } })
    const pair = { slow: { ...heldUp, ...withSlots('1') }, fast: withSlots('4') }
    expect(resultOf('slots', pair)).toMatchObject({ ...likely, certainty: 'proven' })
    const fast = { config: { ...withSlots('4').config, options: { num_ctx: 512 } } }
    expect(resultOf('slots', { ...pair, fast })).toMatchObject(likely)
  })

  it('rules the cause out if the wait is at most 20 ms or a tenth of the latency', () => {
    const slow = { server: { slots: 1, users: 1, decodeMs: 300 }, facts: { slots: 1 } }
    const found = resultOf('slots', { slow, fast: { server: { users: 1 } } })
    expect(evidenceCodes(found)).toEqual(['slots.no-wait'])
  })

  it('says that the server has fewer slots than requested', () => {
    const config = { env: { OLLAMA_NUM_PARALLEL: '4' } }
    expect(evidenceCodes(resultOf('slots', { slow: { ...oneSlot, config }, fast: {} }))).toContain(
      'slots.asked',
    )
  })

  it('does not recommend a number of slots that was already requested, and says why it is not in effect', () => {
    const slow = {
      ...oneSlot,
      facts: {
        slots: 1,
        serverConfig: JSON.stringify({ OLLAMA_NUM_PARALLEL: '4' }),
        serverWarnings: '["no-parallel-requests"]',
      },
    }
    const found = resultOf('slots', { slow, fast: {} })
    expect(evidenceCodes(found)).toEqual(
      expect.arrayContaining(['slots.asked', 'slots.no-parallel']),
    )
    expect(found).toMatchObject({ fixes: [{ code: 'several-servers', settings: [] }] })
  })

  it('never proves the cause with too few rounds for an interval', () => {
    const found = resultOf('slots', { slow: oneSlot, fast: {}, rounds: 2 })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely' })
  })
})

function held(request: RequestRecord): RequestRecord {
  const { serverTotalMs = 0, endMs } = request
  return { ...request, serverTotalMs: serverTotalMs + 3000, endMs: endMs + 3000 }
}

/** Adds time outside the server. */
function later(ms: number) {
  return <R extends { readonly endMs: number }>(request: R): R => ({
    ...request,
    endMs: request.endMs + ms,
  })
}

describeNextExperiment('slots', { slow: { server: { slots: 1 }, facts: { slots: 1 } }, fast: {} })
