import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectName } from '../../../src/setup/kubernetes/object-name.ts'

describe('objectName', () => {
  it('keeps a name that is valid', () => {
    expect(objectName('exp', 'docker-opt', 'native-users-4')).toBe('exp-docker-opt-native-users-4')
  })

  it('shortens any other to a valid name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
        expect(objectName('exp', text)).toMatch(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/)
      }),
    )
  })

  it('gives different texts different names', () => {
    const texts = ['a', 'A', 'a.', '测试', '试测', 'x'.repeat(70), 'x'.repeat(71)]
    expect(new Set(texts.map((text) => objectName('exp', text))).size).toBe(texts.length)
  })
})
