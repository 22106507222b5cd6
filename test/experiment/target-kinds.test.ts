import { describe, expect, it } from 'vitest'
import { resolveTarget, writeTarget } from '../../src/experiment/schema/written-target.ts'
import {
  composeKeys,
  isSameTarget,
  requestedVersion,
  withVersion,
  type Target,
} from '../../src/experiment/target-kinds.ts'

const native: Target = { kind: 'process', version: '0.11.3', pull: false }
const container: Target = { kind: 'docker', image: 'ollama/ollama:0.11.3', pull: false }
const shared: Target = { kind: 'url', url: 'http://gpu:11434', headers: {} }

describe('isSameTarget', () => {
  it('compares the settings of the server, and ignores `pull`, credentials and headers', () => {
    expect(isSameTarget(native, { ...native, pull: true })).toBe(true)
    expect(isSameTarget(native, { ...native, version: '0.12.0' })).toBe(false)
    expect(isSameTarget(native, container)).toBe(false)
    expect(isSameTarget(container, { ...container, cpus: 2 })).toBe(false)
    const withPassword = { ...shared, url: 'http://me:secret@gpu:11434', headers: { a: 'b' } }
    expect(isSameTarget(shared, withPassword)).toBe(true)
    expect(isSameTarget(shared, { ...shared, url: 'http://gpu:11435' })).toBe(false)
    expect(isSameTarget({ kind: 'embedded' }, { kind: 'embedded' })).toBe(true)
  })
})

describe('requestedVersion', () => {
  it('is the version of a process, the tag of an image, and undefined for other targets', () => {
    expect(requestedVersion(native)).toBe('0.11.3')
    expect(requestedVersion(container)).toBe('0.11.3')
    expect(requestedVersion({ ...container, image: 'registry:5000/ollama' })).toBeUndefined()
    expect(requestedVersion({ ...container, image: 'ollama:1.2@sha256:abc' })).toBe('1.2')
    expect(requestedVersion(shared)).toBeUndefined()
  })
})

describe('withVersion', () => {
  it('replaces the version, and returns undefined if nothing would change', () => {
    expect(withVersion(native, '0.12.0')).toEqual({ ...native, version: '0.12.0' })
    expect(withVersion(container, '0.12.0')).toMatchObject({ image: 'ollama/ollama:0.12.0' })
    expect(withVersion(container, '0.11.3')).toBeUndefined()
    expect(withVersion(shared, '0.12.0')).toBeUndefined()
  })
})

describe('composeKeys', () => {
  it('lists the settings of a container in the words of Docker Compose', () => {
    expect(composeKeys({ ...container, cpus: 2, memory: '4g' })).toEqual([
      { key: 'image', value: 'ollama/ollama:0.11.3' },
      { key: 'cpus', value: 2, setting: 'cpus' },
      { key: 'mem_limit', value: '4g', setting: 'memory' },
    ])
    expect(composeKeys(native)).toEqual([])
  })
})

describe('writeTarget', () => {
  it.each<Target>([
    { kind: 'process', pull: false },
    { ...native, pull: true },
    container,
    { ...container, cpus: 2, models: '/models', pull: true },
    shared,
    { ...shared, headers: { authorization: 'Bearer ${TOKEN}' } },
    { kind: 'embedded' },
  ])('writes %j so that it is read back as the same target', (target) => {
    expect(resolveTarget(writeTarget(target))).toEqual(target)
  })
})
