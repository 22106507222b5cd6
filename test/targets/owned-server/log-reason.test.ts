import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../../src/errors/exp-error.ts'
import { withLog, logReason } from '../../../src/targets/owned-server/owned-server.ts'

describe('logReason', () => {
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
    expect(logReason(log)).toBe(
      '; its log ends: level=INFO msg="starting" / Error: open id: denied',
    )
  })

  it('is empty for an empty log, and contains at most six lines', () => {
    expect(logReason('')).toBe('')
    const long = Array.from({ length: 100 }, (_, line) => `${line} ${'x'.repeat(500)}`).join('\n')
    const parts = logReason(long).split(' / ')
    expect(parts).toHaveLength(6)
    expect(parts.at(-1)).toMatch(/^99 x+…$/)
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(250)
  })

  const recorded = readFileSync('test/fixtures/ollama/0.32.15/q8-no-fa-server.log', 'utf8')
  const failure = 'llama_init_from_model: quantized V cache requires flash_attn to be enabled'

  it('returns the line of a recorded log that says that the load failed', () => {
    expect(logReason(recorded)).toMatch(
      /^; its log says: level=INFO source=sched.go:641 msg="Load failed" model=\S+ error="llama-server process has terminated: exit status 1"$/,
    )
  })

  it.each([
    failure,
    'llama_init_from_model: V cache quantization requires flash_attn',
    'ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 4294967296',
    'alloc_tensor_range: unable to allocate CPU buffer',
    'time=2026-11-29T07:51:43.499Z level=WARN msg="model requires more system memory (44.0 GiB) than is available (7.6 GiB)"',
  ])('prefers the line that names the reason, wherever it is: %s', (line) => {
    const lines = recorded.split('\n')
    const text = [...lines.slice(0, 20), line, ...lines.slice(20)].join('\n')
    expect(logReason(text)).toBe(`; its log says: ${line.replace(/^time=\S+ /, '')}`)
  })
})

describe('withLog', () => {
  it('adds nothing to an error that already names the reason', () => {
    const message =
      'the server answers (500): model requires more system memory (44.0 GiB) than is available (7.6 GiB)'
    expect(withLog(new ExpError('environment', message), 'Error: x')).toMatchObject({ message })
    const other = new ExpError('environment', 'the server answers (500): exit status 1')
    expect(withLog(other, 'Error: x')).toMatchObject({
      message: `${other.message}; its log ends: Error: x`,
    })
  })
})
