import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../../src/errors/exp-error.ts'
import { createArguments } from '../../../src/targets/docker/create-arguments.ts'
import type { DockerSettings } from '../../../src/targets/docker/create-arguments.ts'

const plan = (
  settings: Partial<DockerSettings> = {},
  env: Readonly<Record<string, string>> = {},
) => ({
  name: 'exp-1',
  owner: '{"pid":1}',
  settings: { kind: 'docker', image: 'ollama/ollama:0.11.3', pull: false, ...settings } as const,
  env,
})

describe('createArguments', () => {
  it('passes limits, label, and a port that only this machine can reach, with the image last', () => {
    const args = createArguments(
      plan(
        { cpus: 0.5, memory: '2g', gpus: 'all', platform: 'linux/arm64' },
        { OLLAMA_NUM_PARALLEL: '2', OLLAMA_HOST: '1.2.3.4' },
      ),
    )
    expect(args).toEqual([
      'create',
      '--name=exp-1',
      '--label=exp-notebook.owner={"pid":1}',
      '--pull=never',
      '--publish=127.0.0.1::11434',
      '--mount=type=volume,source=exp-notebook-models,target=/root/.ollama/models',
      '--cpus=0.5',
      '--memory=2g',
      '--gpus=all',
      '--platform=linux/arm64',
      '--env=OLLAMA_NUM_PARALLEL=2',
      '--env=OLLAMA_HOST=0.0.0.0:11434',
      '--env=OLLAMA_MODELS=/root/.ollama/models',
      '--env=OLLAMA_NOPRUNE=1',
      'ollama/ollama:0.11.3',
    ])
  })

  it('mounts a folder of models instead of the volume', () => {
    expect(createArguments(plan({ models: '/data/models' }))).toContain(
      '--mount=type=bind,source=/data/models,target=/root/.ollama/models',
    )
    expect(() => createArguments(plan({ models: '/data,readonly,source=/etc' }))).toThrow(ExpError)
  })

  it.each([
    { image: '--privileged' },
    { image: '-v/:/host' },
    { image: 'x; rm -rf' },
    { image: '' },
    { image: 'x\n--privileged' },
    { memory: '1g --privileged' },
    { gpus: '--privileged' },
    { platform: '-' },
  ])('rejects %j', (settings) => {
    expect(() => createArguments(plan(settings))).toThrow(ExpError)
  })

  it('rejects a value with a line break and an invalid name of a variable', () => {
    expect(() => createArguments(plan({}, { A: 'x\nB=y' }))).toThrow('contains a line break')
    expect(() => createArguments(plan({}, { '--privileged': '' }))).toThrow('cannot be the name')
  })

  it('passes every accepted value as one argument of its option', () => {
    fc.assert(
      fc.property(
        fc.record({
          image: fc.string(),
          memory: fc.string(),
          gpus: fc.string(),
          models: fc.string(),
        }),
        fc.dictionary(fc.string(), fc.string()),
        (settings, env) => {
          let args: readonly string[]
          try {
            args = createArguments(plan(settings, env))
          } catch (error) {
            expect(error).toBeInstanceOf(ExpError)
            return
          }
          const options = args.slice(1, -1)
          expect(args[0]).toBe('create')
          expect(args.at(-1)).toBe(settings.image)
          for (const option of options)
            expect(option).toMatch(/^--(name|label|pull|publish|mount|memory|gpus|env)=/)
        },
      ),
    )
  })
})
