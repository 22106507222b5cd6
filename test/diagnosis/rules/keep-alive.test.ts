import { describe, expect, it } from 'vitest'
import { parseGoDuration } from '../../../src/analysis/setting-value.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, healthyFacts, resultOf, type Side } from '../support/pairs.ts'
import { combined, waitsForLoad, type RequestChange } from '../support/request-changes.ts'

/** One user who pauses for ten seconds before each request after the first. */
const pausing: RequestChange = (request) => ({
  ...request,
  sentMs: request.sentMs + request.index * 10_000,
  endMs: request.endMs + request.index * 10_000,
  firstByteMs: (request.firstByteMs ?? 0) + request.index * 10_000,
})
const reloading = waitsForLoad(3000, ({ index }) => index > 0)
const variables = (keepAlive: string) =>
  JSON.stringify({ ...JSON.parse(healthyFacts.serverConfig), OLLAMA_KEEP_ALIVE: keepAlive })

function expiring(
  keepAlive: string | undefined,
  alter: RequestChange = combined(pausing, reloading),
): Side {
  return {
    server: { users: 1, windowMs: 1200, alter },
    facts: { serverConfig: keepAlive === undefined ? undefined : variables(keepAlive) },
    after: {
      serverConfig: keepAlive === undefined ? undefined : variables(keepAlive),
      loadCount: 5,
    },
  }
}
const fast = { server: { users: 1, windowMs: 1200 } }

describe('rule keep-alive', () => {
  it('proves the cause if each load follows a pause longer than the model is kept', () => {
    const found = resultOf('keep-alive', { slow: expiring('5s'), fast })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(evidenceCodes(found)).toContain('loads.idle')
  })

  it('says that the model is not kept at all', () => {
    const found = resultOf('keep-alive', { slow: expiring('0s', reloading), fast })
    expect(evidenceCodes(found)).toContain('loads.at-once')
  })

  it('rules the cause out if the pause was shorter', () => {
    const found = resultOf('keep-alive', { slow: expiring('10m'), fast })
    expect(evidenceCodes(found)).toEqual(['loads.not-idle'])
  })

  it('rules the cause out if no model was loaded', () => {
    const slow = { server: { users: 1, windowMs: 1200, alter: pausing, decodeMs: 300 } }
    expect(evidenceCodes(resultOf('keep-alive', { slow, fast }))).toEqual(['loads.none'])
  })

  it('reports that the keep-alive time is missing', () => {
    expect(resultOf('keep-alive', { slow: expiring(undefined), fast })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'keepAlive' }],
    })
  })

  it('parses durations like Go', () => {
    expect(
      ['5m0s', '1h30m', '250ms', '90', '-1', '-1s', '1.5h', 'soon'].map(parseGoDuration),
    ).toEqual([300_000, 5_400_000, 250, 90_000, -1000, -1000, 5_400_000, undefined])
  })
})

describeNextExperiment('keep-alive', { slow: expiring('5s'), fast })
