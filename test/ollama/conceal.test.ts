import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHeaderRedactor } from '../../src/ollama/conceal.ts'

describe('concealer', () => {
  it('takes out a header’s value, its parts without their scheme, and a password in Basic', () => {
    const basic = Buffer.from('someone:correct horse').toString('base64')
    const conceal = createHeaderRedactor({
      authorization: 'Bearer abc.def-123',
      other: `Basic ${basic}`,
    })
    expect(conceal('you sent Bearer abc.def-123')).toBe('you sent [redacted]')
    expect(conceal('invalid token abc.def-123!')).toBe('invalid token [redacted]!')
    expect(conceal('no Bearer token')).toBe('no Bearer token')
    expect(conceal(`${basic}, correct horse`)).toBe('[redacted], [redacted]')
  })

  it('leaves no beginning of one where a text was cut', () => {
    const conceal = createHeaderRedactor({ 'x-key': 'hunter2hunter2' })
    expect(conceal('invalid hunter2hun…')).toBe('invalid [redacted]…')
    expect(conceal('invalid hunt')).toBe('invalid hunt')
    expect(conceal('a long text…')).toBe('a long text…')
  })

  it('changes nothing without headers, and nothing for the name of a host', () => {
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
