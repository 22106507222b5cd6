import { describe, expect, it } from 'vitest'
import type { TrialHeader } from '../../src/results/record.ts'
import { selectResults, type WantedConfig } from '../../src/results/selection.ts'
import type { TrialListing } from '../../src/results/store.ts'
import { digestOf, endOf, headerOf } from './sample-trial.ts'

const native: WantedConfig = { key: 'native', measurementDigest: digestOf('a'), rounds: 2 }
const docker: WantedConfig = { key: 'docker', measurementDigest: digestOf('b'), rounds: 2 }

type Outcome = 'ended' | 'failed' | 'skipped' | 'killed'

/** One trial a round for one config; `killed` ones have no end. */
function trials(
  run: string,
  config: WantedConfig,
  outcomes: readonly Outcome[],
  changes: Partial<TrialHeader> = {},
): readonly TrialListing[] {
  return outcomes.map((outcome, index) => ({
    file: `${run}-${config.key}-r${index + 1}.jsonl`,
    header: headerOf({
      run,
      config: config.key,
      round: index + 1,
      measurementDigest: config.measurementDigest,
      ...changes,
    }),
    ...(outcome === 'killed' ? {} : { end: endOf({ outcome }) }),
  }))
}

const standIn = { target: { asked: 'docker', actual: 'embedded', standIn: true } } as const

describe('which run a config uses', () => {
  it('a quick run after a good one does not take its place, and is named', () => {
    const { configs, notes } = selectResults(
      [native],
      [...trials('r2', native, ['ended']), ...trials('r1', native, ['ended', 'ended'])],
    )
    expect(configs.get('native')).toMatchObject({ run: 'r1', asked: 2, open: false })
    expect(notes).toEqual([
      { code: 'passed-over', run: 'r2', config: 'native', ended: 1, asked: 2 },
    ])
  })

  it('of complete runs, the newest, however many trials an older one has', () => {
    const { configs, notes } = selectResults(
      [native],
      [
        ...trials('r1', native, ['ended', 'ended', 'ended']),
        ...trials('r2', native, ['ended', 'ended']),
      ],
    )
    expect(configs.get('native')?.run).toBe('r2')
    expect(notes).toEqual([])
  })

  it('without a complete one, that in which most rounds ended, the newest among equals', () => {
    const asked = { ...native, rounds: 4 }
    const { configs } = selectResults(
      [asked],
      [
        ...trials('r1', asked, ['ended', 'ended', 'failed']),
        ...trials('r2', asked, ['ended', 'failed', 'ended']),
        ...trials('r3', asked, ['ended', 'failed']),
      ],
    )
    expect(configs.get('native')).toMatchObject({ run: 'r2', open: true })
  })

  it('a run in which nothing ended, where there is no other', () => {
    const { configs } = selectResults([native], trials('r1', native, ['failed', 'skipped']))
    expect(configs.get('native')).toMatchObject({ run: 'r1', open: false })
  })

  it('none while nothing was measured', () => {
    expect(selectResults([native], []).configs.get('native')).toEqual({
      key: 'native',
      trials: [],
      asked: 2,
      open: true,
    })
  })

  it('a renamed config keeps its results, and one that measures something else has none', () => {
    const stored = trials('r1', native, ['ended', 'ended'])
    const renamed = { ...native, key: 'mac' }
    expect(selectResults([renamed], stored).configs.get('mac')?.run).toBe('r1')
    const changed = { ...native, measurementDigest: digestOf('c') }
    expect(selectResults([changed], stored).configs.get('native')?.run).toBeUndefined()
  })

  it('each config its own', () => {
    const { configs } = selectResults(
      [native, docker],
      [
        ...trials('r1', native, ['ended', 'ended']),
        ...trials('r1', docker, ['ended', 'ended']),
        ...trials('r2', docker, ['ended', 'ended']),
      ],
    )
    expect([...configs.values()].map(({ run }) => run)).toEqual(['r1', 'r2'])
  })

  it('never a dropped one, which is told with its reason', () => {
    const { configs, notes } = selectResults(
      [native],
      [...trials('r1', native, ['ended', 'ended']), ...trials('r2', native, ['ended', 'ended'])],
      [
        { run: 'r2', why: 'on battery' },
        { run: 'r0', why: 'long gone' },
      ],
    )
    expect(configs.get('native')?.run).toBe('r1')
    expect(notes).toEqual([{ code: 'dropped', run: 'r2', why: 'on battery' }])
  })

  it('no side of an A/A run', () => {
    const { configs } = selectResults(
      [native],
      trials('r1', native, ['ended', 'ended'], { side: 'a' }),
    )
    expect(configs.get('native')?.run).toBeUndefined()
  })

  it('the round at which its precision stopped it, where the file asks for that', () => {
    const until = { ...native, rounds: 20, until: true }
    const stored = [
      ...trials('r1', native, ['ended', 'ended']),
      { ...trials('r1', docker, ['ended'])[0]!, end: endOf({ stoppedAtRound: 2 }) },
    ]
    expect(selectResults([until], stored).configs.get('native')).toMatchObject({
      asked: 2,
      open: false,
    })
    expect(selectResults([{ ...until, until: false }], stored).configs.get('native')).toMatchObject(
      {
        asked: 20,
        open: true,
      },
    )
  })
})

describe('which trial a round uses', () => {
  const [first] = trials('r1', native, ['ended'])
  const later = { ...first!.header, startedAt: '2025-08-08T23:00:00.000+08:00' }
  it('the last that ended', () => {
    const again = { file: 'again.jsonl', header: later, end: endOf() }
    const failed = { file: 'failed.jsonl', header: later, end: endOf({ outcome: 'failed' }) }
    const files = (listings: readonly TrialListing[]) =>
      selectResults([native], listings)
        .configs.get('native')
        ?.trials.map(({ file }) => file)
    expect(files([again, first!])).toEqual(['again.jsonl'])
    expect(files([first!, failed])).toEqual([first!.file])
    expect(
      files([
        { ...failed, header: first!.header },
        { ...failed, file: 'failed-2.jsonl' },
      ]),
    ).toEqual(['failed-2.jsonl'])
  })
})

describe('a run that was cut off', () => {
  it('is named where it is newer than the one in use', () => {
    const { notes } = selectResults(
      [native, docker],
      [
        ...trials('r1', native, ['ended', 'ended']),
        ...trials('r1', docker, ['ended', 'ended']),
        ...trials('r2', native, ['ended', 'killed']),
        ...trials('r2', docker, ['killed']),
      ],
    )
    expect(notes).toEqual([
      { code: 'cut-off', run: 'r2', configs: ['native', 'docker'], used: false },
    ])
  })

  it('is used and named where there is no other, and forgotten once there is', () => {
    const killed = trials('r1', native, ['ended', 'killed'])
    const { configs, notes } = selectResults([native], killed)
    expect(configs.get('native')).toMatchObject({ run: 'r1', open: true })
    expect(notes).toEqual([{ code: 'cut-off', run: 'r1', configs: ['native'], used: true }])
    expect(
      selectResults([native], [...killed, ...trials('r2', native, ['ended', 'ended'])]).notes,
    ).toEqual([])
  })
})

describe('stand-ins', () => {
  const all = [
    ...trials('r1', native, ['ended', 'ended'], standIn),
    ...trials('r1', docker, ['ended', 'ended'], standIn),
  ]
  it('are used where nothing is real', () => {
    const { standIn: used, configs } = selectResults([native, docker], all)
    expect(used).toBe(true)
    expect(configs.get('docker')?.run).toBe('r1')
  })

  it('give way, all of them, to the first real result', () => {
    const {
      standIn: used,
      configs,
      notes,
    } = selectResults([native, docker], [...all, ...trials('r0', native, ['ended'])])
    expect(used).toBe(false)
    expect(configs.get('native')?.run).toBe('r0')
    expect(configs.get('docker')?.run).toBeUndefined()
    expect(notes).toContainEqual({ code: 'stand-in-replaced', run: 'r1' })
  })

  it('stay while what is real has not ended', () => {
    expect(selectResults([native], [...all, ...trials('r2', native, ['failed'])]).standIn).toBe(
      true,
    )
  })
})
