import { describe, expect, it } from 'vitest'
import { parseGoDuration } from '../../src/diagnosis/loads.ts'
import { both, waitsForLoad, type Alter } from './alter.ts'
import { codes, lookedFor, usual, type Side } from './story.ts'

/** One user who pauses for ten seconds before each request after the first. */
const pausing: Alter = (request) => ({
  ...request,
  sentMs: request.sentMs + request.index * 10_000,
  endMs: request.endMs + request.index * 10_000,
  firstByteMs: (request.firstByteMs ?? 0) + request.index * 10_000,
})
const reloading = waitsForLoad(3000, ({ index }) => index > 0)
const variables = (keepAlive: string) =>
  JSON.stringify({ ...JSON.parse(usual.serverConfig), OLLAMA_KEEP_ALIVE: keepAlive })

function expiring(keepAlive: string | undefined, alter: Alter = both(pausing, reloading)): Side {
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

describe('a model that is unloaded when idle', () => {
  it('is proven where each load comes after a pause longer than the model is kept', () => {
    const found = lookedFor('keep-alive', { slow: expiring('5s'), fast })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(codes(found)).toContain('loads.idle')
  })

  it('says so where the model is not kept at all', () => {
    const found = lookedFor('keep-alive', { slow: expiring('0s', reloading), fast })
    expect(codes(found)).toContain('loads.at-once')
  })

  it('is ruled out where the pause was shorter', () => {
    const found = lookedFor('keep-alive', { slow: expiring('10m'), fast })
    expect(codes(found)).toEqual(['loads.not-idle'])
  })

  it('is ruled out without a load', () => {
    const slow = { server: { users: 1, windowMs: 1200, alter: pausing, decodeMs: 300 } }
    expect(codes(lookedFor('keep-alive', { slow, fast }))).toEqual(['loads.none'])
  })

  it('could not be looked at where nothing says how long a model is kept', () => {
    expect(lookedFor('keep-alive', { slow: expiring(undefined), fast })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'keepAlive' }],
    })
  })

  it('reads durations as Go does', () => {
    expect(
      ['5m0s', '1h30m', '250ms', '90', '-1', '-1s', '1.5h', 'soon'].map(parseGoDuration),
    ).toEqual([300_000, 5_400_000, 250, 90_000, -1000, -1000, 5_400_000, undefined])
  })
})
