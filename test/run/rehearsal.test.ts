import { describe, expect, it } from 'vitest'
import { rehearse } from '../../src/run/rehearsal.ts'

describe('rehearse', () => {
  it('sends requests that are answered', async () => {
    expect(await rehearse(new AbortController().signal)).toBe(128)
  })

  it('does not reject if the run is interrupted', async () => {
    expect(await rehearse(AbortSignal.abort())).toBe(0)
  })
})
