import { describe, expect, it } from 'vitest'
import type { LockedConfig } from '../../src/notebook/lock.ts'
import { versionChanges } from '../../src/notebook/versions.ts'
import { claim, config, content, digest, ReportHistory } from './report-history.ts'

const docker = config({
  label: 'Docker',
  measurementDigest: digest('docker'),
  run: 'r2',
  results: { 'r2.jsonl': digest('r2') },
})

describe('the versions of a report', () => {
  it('start with v1.0, and write nothing if nothing changed', async () => {
    const history = new ReportHistory()
    expect(await history.publish(content())).toEqual([
      { file: 'reports/a/README.md', how: 'new' },
      { file: 'reports/a/v1.0.lock.json', how: 'new' },
    ])
    expect(history.text('README.md')).toContain('v1.0 closed [{"code":"first"}]')
    expect(await history.publish(content())).toEqual([])
  })

  it('are updated in place while open, and close after the last round', async () => {
    const history = new ReportHistory()
    const pending: LockedConfig = { ...docker, state: 'pending', results: {}, figures: {} }
    await history.publish(
      content({ state: 'open', configs: { default: config(), docker: pending } }),
    )
    expect(history.text('README.md')).toContain('v1.0 open')
    await history.publish(content({ configs: { default: config(), docker } }))
    expect(history.names()).toEqual(['README.md', 'v1.0.lock.json'])
    expect(history.text('README.md')).toContain('v1.0 closed')
  })

  it('freeze the bytes of README.md if something is added to a closed version', async () => {
    const history = new ReportHistory()
    history.locales = ['zh-CN', 'en']
    await history.publish(content())
    const [zh, en] = [history.bytes('README.md'), history.bytes('README.en.md')]
    const secondRun = config({ run: 'r2', results: { 'r2-default-r1.jsonl': digest('r2') } })
    await history.publish(content({ configs: { default: secondRun } }))
    expect(history.names()).toEqual([
      'README.en.md',
      'README.md',
      'v1.0.en.md',
      'v1.0.lock.json',
      'v1.0.md',
      'v1.1.lock.json',
    ])
    expect(history.bytes('v1.0.md')).toEqual(zh)
    expect(history.bytes('v1.0.en.md')).toEqual(en)
    expect(history.text('README.md')).toContain('- v1.0: [{"code":"first"}]')
    expect(history.text('README.md')).toContain(
      'v1.1 closed [{"code":"new-results","configs":["默认"]}]',
    )
    expect(await history.publish(content({ configs: { default: secondRun } }))).toEqual([])
  })

  const fast = config({ label: '快', measurementDigest: digest('fast'), results: {} })
  it.each([
    ['v1.0', 'a changed wording', { title: 'B', claims: { H1: claim({ statement: 'sooner' }) } }],
    [
      'v1.0',
      'a renamed config',
      {
        configs: { plain: config({ label: 'plain' }) },
        claims: { H1: claim({ config: 'plain' }) },
      },
    ],
    ['v1.0', 'a renamed hypothesis', { claims: { H7: claim() } }],
    ['v1.1', 'a new config', { configs: { default: config(), fast } }],
    ['v1.1', 'a new hypothesis', { claims: { H1: claim(), H2: claim({ metric: 'qps' }) } }],
    ['v1.1', 'the first objectives', { slo: { latencyP95: '<= 2s' } }],
    ['v1.1', 'more rounds', { rounds: 8 }],
    ['v1.1', 'more planned looks', { looks: 3 }],
    ['v1.1', 'a change of method', { method: 2 }],
    [
      'v1.1',
      'a dropped run',
      {
        configs: { default: config({ run: 'r0', results: { 'r0.jsonl': digest('r0') } }) },
        dropped: { r1: 'fan' },
      },
    ],
    [
      'v2.0',
      'a changed measurement',
      { configs: { default: config({ measurementDigest: digest('other') }) } },
    ],
    ['v2.0', 'a removed config', { configs: { fast } }],
    ['v2.0', 'a changed threshold', { claims: { H1: claim({ value: 400, target: '<= 400ms' }) } }],
    [
      'v2.0',
      'a claim of another config',
      { configs: { default: config(), fast }, claims: { H1: claim({ config: 'fast' }) } },
    ],
    [
      'v2.0',
      'a claim about a factor in place of one about two configs',
      { claims: { H1: claim({ factor: { name: 'users', from: '1', to: '4' } }) } },
    ],
    ['v2.0', 'a removed hypothesis', { claims: {} }],
  ])('become %s for %s', async (version, _, changes) => {
    const history = new ReportHistory()
    await history.publish(content())
    expect((await history.draft(content(changes))).version).toBe(version)
  })

  it('become major for a changed objective, and say what it was', async () => {
    const history = new ReportHistory()
    await history.publish(content({ slo: { latencyP95: '<= 2s' } }))
    await history.publish(content({ slo: { latencyP95: '<= 1s' } }))
    expect(history.text('README.md')).toContain(
      'v2.0 closed [{"code":"objectives","from":["latencyP95 <= 2s"],"to":["latencyP95 <= 1s"]}]',
    )
  })

  it('do not change for objectives and factors that a lock of an earlier format does not name', () => {
    const now = {
      lockFormat: 4,
      slo: { latencyP95: '<= 2s' },
      claims: { H1: claim({ factor: { name: 'users', from: '1', to: '4' } }) },
    } as const
    expect(versionChanges(content(now), content({ lockFormat: 3 }))).toEqual([])
    const codes = versionChanges(content(now), content({ lockFormat: 4 })).map(({ code }) => code)
    expect(codes).toEqual(['objectives', 'changed-hypotheses'])
  })

  it('keep their number under another method if they have no results', async () => {
    const history = new ReportHistory()
    const recorded = { configs: { default: config({ state: 'recorded', results: {} }) } }
    await history.publish(content(recorded))
    expect((await history.draft(content({ ...recorded, method: 2 }))).version).toBe('v1.0')
  })

  it('become major if real results replace those of a stand-in, and never go back', async () => {
    const history = new ReportHistory()
    await history.publish(content({ standIn: true }))
    const real = config({ run: 'r2', results: { 'r2.jsonl': digest('r2') } })
    const draft = await history.draft(content({ configs: { default: real } }))
    expect(draft.version).toBe('v2.0')
  })

  it('keep their number if only prose changed', async () => {
    const history = new ReportHistory()
    await history.publish(content())
    history.render = (locale, version) => `# Another template (${locale}, ${version.version})\n`
    expect((await history.publish(content())).map(({ file }) => file)).toEqual([
      'reports/a/README.md',
      'reports/a/v1.0.lock.json',
    ])
    expect(history.names()).toEqual(['README.md', 'v1.0.lock.json'])
  })

  it('recover from a write that was interrupted anywhere', async () => {
    const next = content({ rounds: 8 })
    for (let cut = 0; cut <= 4; cut += 1) {
      const history = new ReportHistory()
      await history.publish(content())
      const before = history.bytes('README.md')
      const { files } = await history.draft(next)
      expect([...files.keys()]).toEqual([
        'v1.0.md',
        'v1.0.lock.json',
        'README.md',
        'v1.1.lock.json',
      ])
      await history.write(new Map([...files].slice(0, cut)))
      const draft = await history.draft(next)
      expect(draft.edits, `cut off after ${cut}`).toEqual([])
      await history.publish(next)
      expect(history.bytes('v1.0.md')).toEqual(before)
      for (const [name, bytes] of files) expect(history.bytes(name)).toEqual(bytes)
      expect(await history.publish(next)).toEqual([])
    }
  })
})
