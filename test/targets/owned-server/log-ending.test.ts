import { describe, expect, it } from 'vitest'
import { logEnding } from '../../../src/targets/owned-server/owned-server.ts'

describe('logEnding', () => {
  it('returns the last informative lines, without times, paths, requests and control codes', () => {
    const log = [
      'time=2026-08-20T08:00:00.000Z level=INFO msg="starting"',
      '[GIN] 2025/08/06 - 10:00:07 | 200 | 398.1ms | 127.0.0.1 | POST "/api/chat"',
      '\u001b[31mError\u001b[0m: open /home/me/.ollama/id: denied\u0007',
      '    at Object.<anonymous> (/home/me/x.js:1:1)',
      '  {',
      '}',
      '',
    ].join('\n')
    expect(logEnding(log)).toBe(
      '; its log ends: level=INFO msg="starting" / Error: open id: denied',
    )
  })

  it('is empty for an empty log, and contains at most six lines', () => {
    expect(logEnding('')).toBe('')
    const long = Array.from({ length: 100 }, (_, line) => `${line} ${'x'.repeat(500)}`).join('\n')
    const parts = logEnding(long).split(' / ')
    expect(parts).toHaveLength(6)
    expect(parts.at(-1)).toMatch(/^99 x+…$/)
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(250)
  })
})
