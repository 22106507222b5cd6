import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { halfFloatBits } from '../../src/embedded/gguf.ts'
import { countParameters, encodeSyntheticModel } from '../../src/embedded/synthetic-model.ts'
import { createVocabulary } from '../../src/embedded/vocabulary.ts'
import { ensureWeights, weights, weightsProblem } from '../../src/embedded/weights-file.ts'
import { cacheFolder } from '../../src/files/cache-folder.ts'
import { runEngine, temporaryFolder } from './running-engine.ts'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe('the synthetic model', () => {
  it('always has the same bytes', () => {
    const file = encodeSyntheticModel()
    expect(file).toHaveLength(weights.sizeBytes)
    expect(sha256(file)).toBe(weights.sha256)
    expect(countParameters(createVocabulary().length)).toBe(6_665_472)
  })

  it('has a token for every byte and no duplicates', () => {
    const vocabulary = createVocabulary()
    expect(new Set(vocabulary.map(({ piece }) => piece)).size).toBe(vocabulary.length)
    expect(vocabulary.filter(({ kind }) => kind === 6).map(({ bytes }) => bytes[0])).toEqual(
      Array.from({ length: 256 }, (_, byte) => byte),
    )
    expect(vocabulary.map(({ piece }) => piece).join('')).toContain('啊阿埃')
  })
})

describe('the weights file', () => {
  it('is created once, and created again if it is truncated', async () => {
    const { folder, remove } = temporaryFolder()
    const file = await ensureWeights(folder)
    expect(sha256(readFileSync(file))).toBe(weights.sha256)
    truncateSync(file, 1000)
    expect(await ensureWeights(folder)).toBe(file)
    expect(sha256(readFileSync(file))).toBe(weights.sha256)
    expect(readdirSync(folder)).toEqual([path.basename(file)])
    remove()
  })

  it('is created again if one byte of it was changed', async () => {
    const { folder, remove } = temporaryFolder()
    const file = await ensureWeights(folder)
    const bytes = readFileSync(file)
    bytes[5_000_000] = (bytes[5_000_000] ?? 0) ^ 1
    writeFileSync(file, bytes)
    await ensureWeights(folder)
    expect(sha256(readFileSync(file))).toBe(weights.sha256)
    remove()
  })

  it('has a problem only if it is missing and its folder cannot be made', async () => {
    const { folder, remove } = temporaryFolder()
    expect(await weightsProblem(path.join(folder, 'new/one'))).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
    expect(await weightsProblem('/dev/null/exp')).toContain('a path component is not a directory')
    writeFileSync(path.join(folder, 'file'), '')
    expect(await weightsProblem(path.join(folder, 'file'))).toContain('file` is not a folder')
    remove()
  })

  it('is complete when two processes create it at once', async () => {
    const { folder, remove } = temporaryFolder()
    const env = { XDG_CACHE_HOME: folder }
    const engines = await Promise.all([runEngine(env), runEngine(env)])
    const answers = await Promise.all(
      engines.map(({ client }) =>
        client.generate({ model: 'exp-embedded', prompt: 'x', options: { seed: 1 } }),
      ),
    )
    expect(answers[1]?.response).toBe(answers[0]?.response)
    await Promise.all(engines.map((engine) => engine.process.stop()))
    const [file, ...others] = readdirSync(cacheFolder(env))
    expect(others).toEqual([])
    expect(sha256(readFileSync(path.join(cacheFolder(env), file ?? '')))).toBe(weights.sha256)
    remove()
  })

  it("is stored in the platform's cache folder", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/somewhere' })).toBe('/somewhere/exp-notebook')
    expect(cacheFolder({ HOME: '/home/me', XDG_CACHE_HOME: 'relative' })).toMatch(
      /^\/home\/me\/.*exp-notebook$/,
    )
  })
})

describe('halfFloatBits', () => {
  it('keeps every normal 16-bit float unchanged', () => {
    for (let bits = 0x0400; bits < 0x7c00; bits++) expect(halfFloatBits(numberOf(bits))).toBe(bits)
  })

  it('rounds to the nearest 16-bit float', () => {
    const inRange = fc.double({ min: 2 ** -14, max: 65_000, noNaN: true })
    fc.assert(
      fc.property(inRange, fc.boolean(), (size, isNegative) => {
        const value = Math.fround(isNegative ? -size : size)
        const bits = halfFloatBits(value)
        const error = Math.abs(numberOf(bits) - value)
        for (const neighbour of [bits - 1, bits + 1])
          expect(error).toBeLessThanOrEqual(Math.abs(numberOf(neighbour) - value))
      }),
    )
  })

  it.each([
    [0, 0],
    [-0, 0x8000],
    [1e-9, 0],
    [1e9, 0x7c00],
    [-1, 0xbc00],
  ])('%d is %i', (value, bits) => {
    expect(halfFloatBits(value)).toBe(bits)
  })
})

/** The value of a normal 16-bit float. */
function numberOf(bits: number): number {
  const size = (1 + (bits & 0x3ff) / 1024) * 2 ** (((bits >> 10) & 0x1f) - 15)
  return bits & 0x8000 ? -size : size
}
