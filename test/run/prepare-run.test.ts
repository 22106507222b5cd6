import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { prepareRun } from '../../src/run/prepare-run.ts'
import { experimentOf, run, testRun } from './test-run.ts'

describe('prepareRun', () => {
  it('gives a new run its sequence, and leaves a resumed run its own, also none', async () => {
    const here = await testRun()
    const options = { hasRealResults: false, sequence: 4 }
    const fresh = await prepareRun(experimentOf(), options, here.deps)
    expect(fresh.sequence).toBe(4)
    const resumption = {
      run: 'r',
      seed: 1,
      rounds: 6,
      largestPlannedRounds: 6,
      look: 1,
      standIn: false,
      isDone: () => false,
    }
    const prepare = (more: { sequence?: number }) =>
      prepareRun(experimentOf(), { ...options, resumption: { ...resumption, ...more } }, here.deps)
    expect((await prepare({ sequence: 2 })).sequence).toBe(2)
    expect((await prepare({})).sequence).toBeUndefined()
  })

  it('throws if the users need more open files than the shell allows', async () => {
    const here = await testRun()
    const prepare = (openFileLimit: number) =>
      prepareRun(experimentOf(), { hasRealResults: false, openFileLimit }, here.deps)
    await expect(prepare(65)).rejects.toMatchObject({
      code: 'environment',
      message: '2 users need about 66 open files, and this shell allows 65',
      hint: 'Raise the limit with `ulimit -n 132`, or measure with fewer users.',
    })
    await expect(prepare(66)).resolves.toMatchObject({ rounds: 6 })
  })
})

describe('an unavailable target', () => {
  const troubles = { troubles: { unavailable: ['two'] } }
  it.each([
    ['fail', false, 'no process for two'],
    ['embedded', true, 'stand-in results must not be mixed'],
  ])(
    'stops the run before anything is measured (whenUnavailable: %s, real results: %s)',
    async (rule, hasRealResults, message) => {
      const here = await testRun(troubles)
      const error: unknown = await prepareRun(
        experimentOf(`whenUnavailable: ${rule}`),
        { hasRealResults },
        here.deps,
      ).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(ExpError)
      if (!(error instanceof ExpError)) return
      expect(error.code).toBe('environment')
      expect(`${error.message}\n${error.hint ?? ''}`).toContain(message)
      expect(await readdir(here.folder)).toEqual([])
    },
  )

  it('is named with others that lack the same, a few of them by key', async () => {
    const { deps } = await testRun()
    const lacking = { available: false, why: 'there is no model', fix: 'pull it' } as const
    const driver: typeof deps.driver = (kind) => ({
      ...deps.driver(kind),
      check: () => Promise.resolve(lacking),
    })
    const levels = experimentOf('')
      .configs.filter(({ kind }) => kind === 'measured')
      .slice(0, 1)
    const configs = [1, 2, 3, 4, 5].flatMap((users) =>
      levels.map((config) => ({ ...config, key: `one-users-${users}` })),
    )
    const whole = { ...experimentOf(''), configs }
    await expect(prepareRun(whole, { hasRealResults: false }, { ...deps, driver })).rejects.toThrow(
      '5 targets are not available on this machine\n  one-users-1, one-users-2, one-users-3, 2 more: there is no model',
    )
  })

  it('is skipped with `whenUnavailable: skip`, and its trials are stored as skipped', async () => {
    const here = await testRun(troubles)
    const outcome = await run(here, experimentOf('whenUnavailable: skip\nrounds: 2'))
    expect(
      outcome.trials
        .filter(({ outcome }) => outcome.outcome === 'skipped')
        .map(({ trial }) => trial.config),
    ).toEqual(['two', 'two'])
  })

  it('moves the whole run to the embedded engine with `whenUnavailable: embedded`, and stores why', async () => {
    const here = await testRun(troubles)
    await run(here, experimentOf('whenUnavailable: embedded\nrounds: 2'))
    const targets = (await here.store.list()).map(({ header }) => header.target)
    expect(targets).toHaveLength(4)
    for (const target of targets)
      expect(target).toMatchObject({ asked: 'process', actual: 'embedded', standIn: true })
    expect(targets.map(({ why }) => why)).toContain('no process for two')
  })
})
