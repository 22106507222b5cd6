import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ExpError } from '../../../src/errors/exp-error.ts'
import { runningStore } from '../../../src/targets/evidence/local-server-log.ts'
import {
  findModelStore,
  manifestPath,
  storeHasModel,
} from '../../../src/targets/process/model-store.ts'
import { recordedTools } from '../../host/recorded-machine.ts'
import { cpuRunner, metalRunner } from '../../ollama/recorded-logs.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exp-store-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('manifestPath and storeHasModel', () => {
  it.each([
    ['qwen3:0.6b', 'registry.ollama.ai/library/qwen3/0.6b'],
    ['qwen3', 'registry.ollama.ai/library/qwen3/latest'],
    ['someone/tuned:q4', 'registry.ollama.ai/someone/tuned/q4'],
    ['hf.co/user/Model-GGUF:Q4_K_M', 'hf.co/user/Model-GGUF/Q4_K_M'],
  ])('find %s at %s', async (model, path) => {
    expect(manifestPath(model).join('/')).toBe(path)
    expect(await storeHasModel(folder, model)).toBe(false)
    await mkdir(dirname(join(folder, 'manifests', path)), { recursive: true })
    await writeFile(join(folder, 'manifests', path), '{}')
    expect(await storeHasModel(folder, model)).toBe(true)
  })

  it.each(['', '-x', '../x', 'a/..', '..:x', 'a:../../b', 'a b', 'a/b/../c', '/a', 'a\nb', 'a::b'])(
    'reject %j as the name of a model',
    (model) => {
      expect(() => manifestPath(model)).toThrow(ExpError)
    },
  )
})

describe('findModelStore and runningStore', () => {
  it('prefer a declared store, then the user’s setting, then the running server’s, then a default place', async () => {
    const choices = {
      declared: [undefined, '~/a', '/b'],
      folder: '/project',
      env: { OLLAMA_MODELS: '/c' },
      running: folder,
    }
    expect(await findModelStore(choices)).toBe(join(homedir(), 'a'))
    expect(await findModelStore({ ...choices, declared: ['models'] })).toBe('/project/models')
    expect(await findModelStore({ ...choices, declared: [] })).toBe('/c')
    expect(await findModelStore({ ...choices, declared: [], env: {} })).toBe(folder)
    const none = { declared: [], folder: '/project', env: {}, running: '/no/such' }
    expect(await findModelStore(none, ['/default', folder])).toBe(folder)
    expect(await findModelStore(none, ['/default', '/other'])).toBe('/default')
  })

  it('take the running server’s store from the last line of its log that names one', async () => {
    const path = join(folder, 'server.log')
    await writeFile(path, cpuRunner + metalRunner)
    const tools = recordedTools({ platform: 'darwin' })
    expect(await runningStore(tools, ['/no/such', path])).toBe('/Users/someone/.ollama/models')
    expect(await runningStore(tools, ['/no/such'])).toBeUndefined()
  })
})
