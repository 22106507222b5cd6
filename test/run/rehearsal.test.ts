import { describe, expect, it } from 'vitest'
import { rehearse } from '../../src/run/rehearsal.ts'

describe('rehearse', () => {
  it('sends requests that are answered', async () => {
    expect(await rehearse(() => undefined, new AbortController().signal)).toBe(256)
  })

  it('does not reject if the run is interrupted', async () => {
    expect(await rehearse(() => undefined, AbortSignal.abort())).toBe(0)
  })
})
