import { describe, expect, it } from 'vitest'
import { lockText } from '../../src/notebook/lock-layout.ts'

/** The ids of a lock's claims, in the order of its lines. */
const claimsOf = (...ids: readonly string[]) => {
  const claims = Object.fromEntries(ids.map((id) => [id, { verdict: 'none' }]))
  return [...lockText({ seal: '', claims }).matchAll(/^ {4}"([^"]+)": \{"verdict"/gm)].map(
    ([, id]) => id,
  )
}

describe('the claims of a lock', () => {
  it('are in the order of their numbers', () => {
    const ids = Array.from({ length: 12 }, (_, index) => `H${index + 1}`)
    expect(claimsOf(...ids.toReversed())).toEqual(ids)
    const mixed = ['A', 'H2a', 'H2b', 'H10', 'P', 'P1', 'P1-2', 'P1-10', 'P02', 'Q']
    expect(claimsOf(...mixed.toReversed())).toEqual(mixed)
  })

  it('keep the order of older locks if they are at most nine', () => {
    expect(claimsOf('Q95', 'Q100')).toEqual(['Q100', 'Q95'])
  })
})
