import { cpSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { refusal } from '../../src/notebook/next-file.ts'
import { diagnosePair, type Pair } from '../diagnosis/support/pairs.ts'
import { memoryIo } from '../support/memory-io.ts'

function refused(pair: Pair, cause: string) {
  const { analysis, diagnosis } = diagnosePair(pair)
  const { message, hint } = refusal('docker-opt', analysis, diagnosis, cause)
  return { message, hint }
}
const slower = { pace: 3 }

describe('exp next', () => {
  it('writes valid experiments that follow from the example of the source document', async () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-next-'))
    cpSync('experiments', join(root, 'experiments'), { recursive: true })
    const exp = async (...args: readonly string[]) => {
      const io = memoryIo(root)
      return { code: await runCommandLine(args, io), out: io.out(), err: io.err() }
    }
    await exp('report', 'mac-vs-docker')
    for (const cause of ['mac-container', 'not-read', 'cannot-act']) {
      const file = `experiments/mac-vs-docker-${cause}.yaml`
      expect(await exp('next', 'mac-vs-docker', cause)).toMatchObject({
        code: 0,
        out: `wrote ${file}\n`,
      })
      expect((await exp('validate', file)).code).toBe(0)
      const text = readFileSync(join(root, file), 'utf8')
      expect(text).toContain('follows:\n  experiment: mac-vs-docker\n  version: v1.0\n')
      expect(text).toMatch(
        /hypotheses:\n {2}- id: H1\n {4}statement:\n {6}zh-CN: .+，平均延迟.*\n {6}en: .+mean latenc/,
      )
    }
    const apart = readFileSync(join(root, 'experiments/mac-vs-docker-mac-container.yaml'), 'utf8')
    // The same settings as the container, outside it: nothing else differs between the compared configs.
    expect(apart).toMatch(
      /docker-initial-mac-container:\n(?: {4}label:\n| {4}group:\n| {6}.*\n)* {4}from: docker-initial\n {4}target: process\n {4}options:\n {6}num_gpu: 0\nbaseline/,
    )
    const twice = await exp('next', 'mac-vs-docker', 'not-read')
    expect(twice.code).toBe(2)
  })

  it('suggests causes that the report names if it does not name the requested one', () => {
    const slots = { slow: { server: { slots: 1 }, facts: { slots: 1 } }, fast: {} }
    expect(refused(slots, 'threads')).toEqual({
      message: 'the report of `docker-opt` does not name the cause `threads`',
      hint: 'write `slots`',
    })
    expect(refused(slots, 'slot').hint).toBe('did you mean `slots`?')
    const none = { slow: { server: { pace: 1.5 } }, fast: {} }
    expect(refused(none, '__proto__').hint).toBe('it names no cause that an experiment could test')
  })

  it('gives a remedy if two models have the same name', () => {
    const slow = { server: slower, facts: { modelDigest: 'b'.repeat(64) } }
    expect(refused({ slow, fast: {} }, 'model')).toEqual({
      message: 'no experiment file can test `model` here',
      hint: 'pull the model again on the machine that has the other one (a file names a model, not its digest), then measure the same file again',
    })
  })

  it('gives a remedy if the server at a URL needs other settings', () => {
    const config = { target: { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } } as const
    const slow = { config, server: { slots: 1 }, facts: { slots: 1 } }
    expect(refused({ slow, fast: {} }, 'slots').hint).toMatch(
      /^follow the recommendation in the report/,
    )
  })
})
