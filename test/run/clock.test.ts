import { describe, expect, it } from 'vitest'
import { timestamp } from '../../src/run/clock.ts'

describe('timestamp', () => {
  it('returns the local time with its UTC offset', () => {
    const at = new Date('2025-08-08T06:21:03.120Z')
    expect(Date.parse(timestamp(at))).toBe(at.getTime())
    expect(timestamp(at)).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{2}:\d{2}$/)
  })
})
