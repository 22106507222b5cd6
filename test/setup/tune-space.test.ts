import { describe, expect, it } from 'vitest'
import { defaultSpace, type TuneConditions } from '../../src/setup/tune-space.ts'

const place: TuneConditions = {
  startsServer: true,
  isEmbedded: false,
  users: 4,
  cores: 8,
  version: '0.20.0',
  hasGpu: false,
  longestPrompt: 240,
  answerTokens: 64,
}

function spaceOf(parts: Partial<TuneConditions>, most = 100) {
  const { settings, leftOut } = defaultSpace({ ...place, ...parts }, most)
  return {
    values: Object.fromEntries(settings.map(({ setting, values }) => [setting, values])),
    reasons: Object.fromEntries(leftOut.map(({ setting, why }) => [setting, why])),
    leftOut,
  }
}

describe('defaultSpace', () => {
  it('races slots up to the users, and threads up to the cores without that of the load generator', () => {
    expect(spaceOf({}).values).toEqual({
      OLLAMA_NUM_PARALLEL: [1, 2, 4],
      num_thread: [2, 4, 7],
      OLLAMA_FLASH_ATTENTION: [0, 1],
      num_batch: [128, 512],
      num_ctx: [512, 4096],
    })
    expect(spaceOf({ users: 6 }).values['OLLAMA_NUM_PARALLEL']).toEqual([1, 2, 4, 6])
    expect(spaceOf({ cores: 4 }).values['num_thread']).toEqual([1, 2, 3])
    expect(spaceOf({ cores: 2 }).values['num_thread']).toEqual([1, 2])
    expect(spaceOf({ cores: 5 }).values['num_thread']).toEqual([2, 4])
  })

  it('leaves out slots for one user, threads where a GPU computes or there is one core', () => {
    expect(spaceOf({ users: 1 }).reasons).toMatchObject({ OLLAMA_NUM_PARALLEL: 'oneUser' })
    expect(spaceOf({ hasGpu: true }).reasons).toMatchObject({ num_thread: 'gpu' })
    expect(spaceOf({ cores: 1 }).leftOut).toContainEqual({
      ...{ setting: 'num_thread', why: 'fewCores' },
    })
  })

  it.each([
    [{ version: '0.11.3' }, 'oldVersion'],
    [{ version: '0.9.10' }, 'oldVersion'],
    [{ version: undefined }, 'unknownVersion'],
    [{ version: '0.13.0' }, undefined],
    [{ version: '1.0.0-rc1' }, undefined],
    [{ version: '0.11.3', hasGpu: true }, undefined],
    [{ version: undefined, isEmbedded: true }, undefined],
  ])('lets flash attention race where %j can use it', ({ version, ...parts }, why) => {
    const { version: _, ...rest } = place
    const { leftOut } = defaultSpace({ ...rest, ...parts, ...(version && { version }) }, 100)
    expect(leftOut.find(({ setting }) => setting === 'OLLAMA_FLASH_ATTENTION')?.why).toBe(why)
  })

  it('races a context that just holds the longest prompt and its answer, unless that is the default', () => {
    expect(spaceOf({ longestPrompt: 3000 }).values['num_ctx']).toEqual([2048, 4096])
    expect(spaceOf({ longestPrompt: 9000 }).leftOut).toContainEqual({
      ...{ setting: 'num_ctx', why: 'longPrompts', tokens: 3104 },
    })
  })

  it('races larger batches for longer prompts, and none if the smallest one holds all prompts', () => {
    expect(spaceOf({ longestPrompt: 9000 }).values['num_batch']).toEqual([512, 1024])
    expect(spaceOf({ users: 1, longestPrompt: 60 }).leftOut).toContainEqual({
      ...{ setting: 'num_batch', why: 'shortPrompts', tokens: 60, batch: 128 },
    })
  })

  it('races request options only at a server that runs already, and threads only if its cores are known', () => {
    const { cores: _, ...elsewhere } = place
    const { settings, leftOut } = defaultSpace({ ...elsewhere, startsServer: false }, 100)
    expect(settings.map(({ setting }) => setting)).toEqual(['num_batch', 'num_ctx'])
    expect(leftOut.map(({ setting, why }) => [setting, why])).toEqual([
      ['OLLAMA_NUM_PARALLEL', 'startSetting'],
      ['num_thread', 'unknownCores'],
      ['OLLAMA_FLASH_ATTENTION', 'startSetting'],
      ['OLLAMA_KV_CACHE_TYPE', 'startSetting'],
      ['keep_alive', 'noIdle'],
    ])
  })

  it('leaves out a cache type, which can change answers, and keep_alive, which cannot act', () => {
    expect(spaceOf({}).reasons).toEqual({
      OLLAMA_KV_CACHE_TYPE: 'changesAnswers',
      keep_alive: 'noIdle',
    })
  })

  it('keeps to the combinations that the budget allows: leaves out whole settings first, then values', () => {
    const { values, leftOut } = spaceOf({}, 18)
    expect(Object.keys(values)).toEqual([
      ...['OLLAMA_NUM_PARALLEL', 'num_thread', 'OLLAMA_FLASH_ATTENTION'],
    ])
    expect(leftOut).toContainEqual({
      ...{ setting: 'num_batch', why: 'budget', combinations: 18, values: [128, 512] },
    })
    const few = spaceOf({ users: 64 }, 3)
    expect(few.values).toEqual({ OLLAMA_NUM_PARALLEL: [1, 32, 64] })
    expect(few.leftOut).toContainEqual({
      ...{ setting: 'OLLAMA_NUM_PARALLEL', why: 'budget', combinations: 3 },
      values: [2, 4, 8, 16],
    })
    expect(spaceOf({}, -3).values).toEqual({ OLLAMA_NUM_PARALLEL: [1, 4] })
  })
})
