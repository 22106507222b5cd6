import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openRunQueue } from '../../src/host/processes/run-queue.ts'
import { fitCalibration, measureCalibration } from '../../src/run/calibration.ts'
import { readCalibration, storeCalibration } from '../../src/run/stored-calibration.ts'

const load = (users: number, estimatedMs: readonly number[], trueMs: readonly number[]) => ({
  users,
  estimatedMs,
  trueMs,
})

describe('fitCalibration', () => {
  it('finds the line that the loads lie on', () => {
    const estimates = [
      [0, 0],
      [0.2, 0.4, 0.6],
      [1, 2, 6],
    ]
    const fitted = fitCalibration(
      estimates.map((each, index) =>
        load(
          index,
          each,
          each.map((ms) => 0.1 + 1.5 * ms),
        ),
      ),
    )
    expect(fitted).toEqual({ factor: 1.5, offsetMs: 0.1 })
  })

  it('has no negative offset, and a factor between a quarter and four', () => {
    expect(fitCalibration([load(1, [1, 1], [0.5, 0.5]), load(8, [9], [90])])).toEqual({
      factor: 4,
      offsetMs: 0,
    })
    expect(fitCalibration([load(1, [0], [0]), load(8, [9], [0.1])]).factor).toBe(0.25)
  })

  it('leaves the estimate as it is if there was nothing to estimate', () => {
    expect(fitCalibration([load(1, [0, 0], [0.2, 0.2])])).toEqual({ factor: 1, offsetMs: 0.2 })
  })
})

describe('measureCalibration', () => {
  it('compares each estimate to the time at which the server wrote', async () => {
    const { runQueue } = openRunQueue()
    const loads = await measureCalibration(runQueue, new AbortController().signal, {
      users: [1, 2],
      loadMs: 700,
    })
    expect(loads.map(({ users }) => users)).toEqual([1, 2])
    for (const { estimatedMs, trueMs } of loads) {
      expect(estimatedMs.length).toBe(trueMs.length)
      expect(trueMs.length).toBeGreaterThan(0)
      // bytes are read after they were written: both clocks are the same one
      expect(Math.min(...trueMs)).toBeGreaterThan(0)
    }
  })
})

describe('the stored calibration', () => {
  const folders: string[] = []
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))
  const newEnv = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exp-calibration-'))
    folders.push(folder)
    return { XDG_CACHE_HOME: folder }
  }
  const calibration = { takenAt: '2026-11-30T20:00:00.000+00:00', factor: 1.25, offsetMs: 0.08 }

  it('is read with the version of Node that took it', async () => {
    const env = await newEnv()
    expect(await readCalibration(env, '20.20.2')).toBeUndefined()
    await storeCalibration(env, '20.20.2', calibration)
    expect(await readCalibration(env, '20.20.2')).toEqual(calibration)
    expect(await readCalibration(env, '22.1.0')).toBeUndefined()
  })

  it('is not used if it is damaged', async () => {
    const env = await newEnv()
    await storeCalibration(env, '20.20.2', calibration)
    await writeFile(
      join(env.XDG_CACHE_HOME, 'exp-notebook/timing-calibration.json'),
      '{"node": "20.20.2", "calibration": {"takenAt": "", "factor": -1, "offsetMs": 0}}',
    )
    expect(await readCalibration(env, '20.20.2')).toBeUndefined()
  })
})
