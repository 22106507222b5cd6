import { describe, expect, it } from 'vitest'
import type { KeepLevel, MeasuredConfig } from '../../src/experiment/experiment.ts'
import { comparableSettings, lockedSettings } from '../../src/notebook/locked-settings.ts'
import { lockBytes, lockFormat, parseLock, type LockFormat } from '../../src/notebook/lock.ts'
import { measuredConfig } from '../report/support/analysis.ts'
import { Project } from './project.ts'

const base = measuredConfig('native')
const config: MeasuredConfig = {
  ...base,
  workload: {
    ...base.workload,
    system: 'Be brief.',
    prompt: 'Say {{text}}',
    format: { type: 'object' },
  },
}
const settings = (level: KeepLevel, format: LockFormat = lockFormat) =>
  lockedSettings(config, level, format)
const digest = expect.stringMatching(/^sha256:[0-9a-f]{64} \(\d+\)$/) as string

describe('the words of a workload in a lock', () => {
  it('are stored as `keep` says', () => {
    expect(settings('text')).toMatchObject({ system: 'Be brief.', prompt: 'Say {{text}}' })
    expect(settings('digest')).toMatchObject({ system: digest, prompt: digest, format: digest })
    const none = settings('none')
    for (const name of ['system', 'prompt', 'format', 'datasetDigest'])
      expect(none).not.toHaveProperty(name)
    expect(none).toHaveProperty('dataset')
  })

  it('are always stored in format 1', () => {
    for (const level of ['none', 'digest', 'text'] as const)
      expect(settings(level, 1)).toEqual(settings('text', 1))
    expect(settings('none', 1)).toHaveProperty('datasetDigest')
  })

  it('are equal in two locks of the same words, whatever each of them stores', () => {
    const all = [settings('text', 1), settings('text'), settings('digest'), settings('none')]
    for (const before of all)
      for (const after of all) {
        const [one, other] = comparableSettings(before, after)
        expect(one).toEqual(other)
      }
  })

  it('differ in two locks of other words, unless one of them stores none', () => {
    const changed = { ...config, workload: { ...config.workload, prompt: 'Repeat {{text}}' } }
    const now = lockedSettings(changed, 'digest', lockFormat)
    const [before, after] = comparableSettings(settings('text', 1), now)
    expect(before['prompt']).not.toBe(after['prompt'])
    expect(before['system']).toBe(after['system'])
    const [known, unknown] = comparableSettings(settings('none'), now)
    expect(known['prompt']).toBe(unknown['prompt'])
  })
})

it('a version that an earlier program began gets the newest format when it is written', async () => {
  const project = new Project()
  const lock = () => project.text('reports/slots/v1.0.lock.json')
  await project.publish()
  expect(lock()).toContain('"lockFormat": 4')
  // A version that an earlier program began.
  const file = 'reports/slots/v1.0.lock.json'
  project.write(file, lockBytes({ ...parseLock(project.bytes(file), file), lockFormat: 1 }))
  await project.measure({ run: 'a', latency: { 'slots-1': 400, 'slots-4': 300 } })
  await project.publish()
  expect(lock()).toContain('"lockFormat": 4')
  expect(lock()).not.toContain('"prompt": "{{text}}"')
  expect(await project.check()).toEqual([])
  await project.measure({
    run: 'b',
    latency: { 'slots-1': 400, 'slots-4': 200 },
    day: '2025-08-07',
  })
  await project.publish()
  expect(project.text('reports/slots/v1.1.lock.json')).toContain('"lockFormat": 4')
  expect(project.text('reports/slots/v1.1.lock.json')).not.toContain('"{{text}}"')
  expect(await project.check()).toEqual([])
})

describe('the items of a mix in a lock', () => {
  const mixed: MeasuredConfig = {
    ...config,
    workload: {
      ...config.workload,
      mix: [
        { name: 'small', weight: 3, model: { name: 'a:1b', digest: '7df6b6e09427' } },
        { name: 'long', weight: 1, system: 'Explain.', options: { num_predict: 99 } },
      ],
    },
  }

  it('are settings of their own, with the words that `keep` allows', () => {
    expect(lockedSettings(mixed, 'text', lockFormat)).toMatchObject({
      'mix.small.weight': 3,
      'mix.small.model': 'a:1b',
      'mix.small.model.digest': '7df6b6e09427',
      'mix.long.options.num_predict': 99,
      'mix.long.system': 'Explain.',
    })
    const none = lockedSettings(mixed, 'none', lockFormat)
    expect(Object.keys(none).filter((name) => name.startsWith('mix.long'))).toEqual([
      'mix.long.weight',
      'mix.long.options.num_predict',
    ])
    expect(JSON.stringify(lockedSettings(mixed, 'digest', lockFormat))).not.toContain('Explain.')
  })
})
