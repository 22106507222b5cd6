import { describe, expect, it } from 'vitest'
import type { ExpError } from '../../src/errors/exp-error.ts'
import { readMix, readObjectives, readVariation } from '../../src/setup/read-options.ts'

const process = { target: 'process' } as const
const applied = (text: string) =>
  readVariation(text).values.map(({ key, label, apply }) => ({
    key,
    label,
    config: apply(process),
  }))

describe('readVariation', () => {
  it('sets a variable of the server', () => {
    expect(applied('OLLAMA_NUM_PARALLEL=1,4')).toEqual([
      {
        key: 'num-parallel-1',
        label: 'OLLAMA_NUM_PARALLEL=1',
        config: { ...process, env: { OLLAMA_NUM_PARALLEL: 1 } },
      },
      {
        key: 'num-parallel-4',
        label: 'OLLAMA_NUM_PARALLEL=4',
        config: { ...process, env: { OLLAMA_NUM_PARALLEL: 4 } },
      },
    ])
  })

  it('sets a request option, whose value is a number or a boolean where it looks like one', () => {
    expect(applied('num_ctx=4096,16384').map(({ config }) => config.options)).toEqual([
      { num_ctx: 4096 },
      { num_ctx: 16384 },
    ])
    expect(applied('use_mmap=true,false').map(({ config }) => config.options)).toEqual([
      { use_mmap: true },
      { use_mmap: false },
    ])
  })

  it('chooses the version of a program or an image; `installed` leaves the target as it is', () => {
    expect(applied('version=0.11.3,installed').map(({ config }) => config.target)).toEqual([
      { process: { version: '0.11.3' } },
      'process',
    ])
    const [value] = readVariation('version=0.11.3,0.12.0').values
    const docker = { target: { docker: { image: 'ollama/ollama:latest' } } }
    expect(value?.apply(docker).target).toEqual({ docker: { image: 'ollama/ollama:0.11.3' } })
    expect(() => value?.apply({ target: { url: 'http://mac:11434' } })).toThrow(
      'exp can compare versions only of servers that it starts',
    )
  })

  it.each([
    ['OLLAMA_NUM_PARALLEL=4', 'names no setting with two or more values'],
    ['OLLAMA_NUM_PARALLEL', 'names no setting with two or more values'],
    ['OLLAMA_NUM_PARALLEL=1,', 'names no setting with two or more values'],
    ['num_ctx=1,1', 'has the same value twice'],
    ['num_ctxs=1,2', '`num_ctxs` is not a setting of Ollama'],
    ['OLLAMA_NUM_PARALEL=1,2', '`OLLAMA_NUM_PARALEL` is not a variable of Ollama'],
    ['NUM_PARALLEL=1,2', '`NUM_PARALLEL` is not a variable of Ollama'],
  ])('refuses %s', (text, message) => {
    expect(() => readVariation(text)).toThrow(message)
  })

  it.each([
    ['num_thred=1,2', 'did you mean `num_thread`?'],
    ['OLLAMA_NUM_PARALEL=1,2', 'did you mean `OLLAMA_NUM_PARALLEL`?'],
    ['NUM_PARALLEL=1,2', 'did you mean `OLLAMA_NUM_PARALLEL`?'],
  ])('suggests the setting that was probably meant by %s', (text, hint) => {
    let error: unknown
    try {
      readVariation(text)
    } catch (caught) {
      error = caught
    }
    expect((error as ExpError).hint).toBe(hint)
  })

  it('sets variables of libraries, which it does not know', () => {
    expect(applied('CUDA_VISIBLE_DEVICES=0,1').map(({ config }) => config.env)).toEqual([
      { CUDA_VISIBLE_DEVICES: 0 },
      { CUDA_VISIBLE_DEVICES: 1 },
    ])
  })
})

describe('readMix', () => {
  it('reads models with their weights', () => {
    expect(readMix('qwen3:0.6b=3, hf.co/a/b:q4_K_M')).toEqual([
      { model: 'qwen3:0.6b', weight: 3 },
      { model: 'hf.co/a/b:q4_K_M', weight: 1 },
    ])
  })

  it.each(['a', 'a,', 'a=0,b', 'a=x,b', 'a=1=2,b', ''])('refuses %j', (text) => {
    expect(() => readMix(text)).toThrow('does not name two or more models with their weights')
  })
})

describe('readObjectives', () => {
  it('reads metrics with their bounds, as a file has them', () => {
    expect(readObjectives(['latencyP95<=2s', 'okRate >= 99%, ttftP95: < 500ms'])).toEqual({
      latencyP95: '<= 2s',
      okRate: '>= 99%',
      ttftP95: '< 500ms',
    })
    expect(readObjectives([])).toEqual({})
  })

  it.each([
    ['latencyP95', 'names no metric with a bound'],
    ['<=2s', 'names no metric with a bound'],
    ['latencyP95<=2s,latencyP95<=3s', 'states `latencyP95` twice'],
  ])('refuses %s', (text, message) => {
    expect(() => readObjectives([text])).toThrow(message)
  })
})
