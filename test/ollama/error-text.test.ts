import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHeaderRedactor } from '../../src/ollama/error-text.ts'

describe('createHeaderRedactor', () => {
  it('redacts the value of a header, its parts except the scheme, and Basic credentials', () => {
    const basic = Buffer.from('someone:correct horse').toString('base64')
    const redact = createHeaderRedactor({
      authorization: 'Bearer abc.def-123',
      other: `Basic ${basic}`,
    })
    expect(redact('you sent Bearer abc.def-123')).toBe('you sent [redacted]')
    expect(redact('invalid token abc.def-123!')).toBe('invalid token [redacted]!')
    expect(redact('no Bearer token')).toBe('no Bearer token')
    expect(redact(`${basic}, correct horse`)).toBe('[redacted], [redacted]')
  })

  it('redacts the beginning of a secret at the end of a text that was cut', () => {
    const redact = createHeaderRedactor({ 'x-key': 'hunter2hunter2' })
    expect(redact('invalid hunter2hun…')).toBe('invalid [redacted]…')
    expect(redact('invalid hunt')).toBe('invalid hunt')
    expect(redact('a long text…')).toBe('a long text…')
  })

  it('changes nothing if no header has a value that may be a secret', () => {
    const texts = fc.string()
    fc.assert(
      fc.property(texts, (text) => {
        expect(createHeaderRedactor({})(text)).toBe(text)
        expect(createHeaderRedactor({ host: 'example.org' })(`${text} example.org`)).toBe(
          `${text} example.org`,
        )
      }),
    )
  })
})
