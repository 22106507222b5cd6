import { describe, expect, it } from 'vitest'
import type { TrialHeader } from '../../src/results/record.ts'
import { nextSequence } from '../../src/results/runs.ts'
import { hasRealResults } from '../../src/results/real-results.ts'
import { selectResults, type WantedConfig } from '../../src/results/selection.ts'
import type { TrialListing } from '../../src/results/store.ts'
import { digestOf, endOf, headerOf } from './sample-trial.ts'

const native: WantedConfig = { key: 'native', measurementDigest: digestOf('a'), rounds: 2 }
const docker: WantedConfig = { key: 'docker', measurementDigest: digestOf('b'), rounds: 2 }

type Outcome = 'ended' | 'failed' | 'skipped' | 'killed'

/** One trial per round of one config; `killed` ones have no end. */
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

describe('the run selected for a config', () => {
  it('is the complete one, with a note on a newer run that is incomplete', () => {
    const { configs, notes } = selectResults(
      [native],
      [...trials('r2', native, ['ended']), ...trials('r1', native, ['ended', 'ended'])],
    )
    expect(configs.get('native')).toMatchObject({ run: 'r1', requiredRounds: 2, open: false })
    expect(notes).toEqual([
      { code: 'fewer-rounds', run: 'r2', config: 'native', ended: 1, planned: 2 },
    ])
  })

  it('is the newest of the complete runs, even if an older one has more trials', () => {
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

  it('is the one with the higher sequence, even if the clock went back', () => {
    const [early, late] = ['2025-08-08T10:00:00+08:00', '2025-08-09T10:00:00+08:00']
    const full = ['ended', 'ended'] as const
    const { configs, notes } = selectResults(
      [native],
      [
        ...trials('z-old', native, full),
        ...trials('r2', native, full, { sequence: 1, startedAt: late }),
        ...trials('r1', native, full, { sequence: 2, startedAt: early }),
        ...trials('r0', native, ['ended'], { sequence: 3, startedAt: early }),
      ],
    )
    expect(configs.get('native')?.run).toBe('r1')
    expect(notes).toEqual([
      { code: 'fewer-rounds', run: 'r0', config: 'native', ended: 1, planned: 2 },
    ])
  })

  it('is the one that started later if two branches gave the same sequence, with a note on the other', () => {
    const full = ['ended', 'ended'] as const
    const { configs, notes } = selectResults(
      [native],
      [
        ...trials('b', native, full, { sequence: 2, startedAt: '2025-08-08T10:00:00+08:00' }),
        ...trials('a', native, full, { sequence: 2, startedAt: '2025-08-08T03:00:00Z' }),
        ...trials('c', native, full, { sequence: 1, startedAt: '2025-08-10T10:00:00+08:00' }),
      ],
    )
    expect(configs.get('native')?.run).toBe('a')
    expect(notes).toEqual([{ code: 'beside', run: 'b', used: 'a' }])
  })

  it('is the one with the most ended rounds if none is complete, the newest among equals', () => {
    const wanted = { ...native, rounds: 4 }
    const { configs } = selectResults(
      [wanted],
      [
        ...trials('r1', wanted, ['ended', 'ended', 'failed']),
        ...trials('r2', wanted, ['ended', 'failed', 'ended']),
        ...trials('r3', wanted, ['ended', 'failed']),
      ],
    )
    expect(configs.get('native')).toMatchObject({ run: 'r2', open: true })
  })

  it('is a run without ended trials if there is no other', () => {
    const { configs } = selectResults([native], trials('r1', native, ['failed', 'skipped']))
    expect(configs.get('native')).toMatchObject({ run: 'r1', open: false })
  })

  it('is undefined while nothing was measured', () => {
    expect(selectResults([native], []).configs.get('native')).toEqual({
      key: 'native',
      trials: [],
      requiredRounds: 2,
      open: true,
    })
  })

  it('depends on the measurement digest, not on the key of the config', () => {
    const stored = trials('r1', native, ['ended', 'ended'])
    const renamed = { ...native, key: 'mac' }
    expect(selectResults([renamed], stored).configs.get('mac')?.run).toBe('r1')
    const changed = { ...native, measurementDigest: digestOf('c') }
    expect(selectResults([changed], stored).configs.get('native')?.run).toBeUndefined()
  })

  it('is selected for each config separately', () => {
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

  it('is never a dropped run; a note gives the reason of the drop', () => {
    const { configs, notes } = selectResults(
      [native],
      [...trials('r1', native, ['ended', 'ended']), ...trials('r2', native, ['ended', 'ended'])],
      [
        { run: 'r2', why: 'on battery' },
        { run: 'r0', why: 'dropped long ago' },
      ],
    )
    expect(configs.get('native')?.run).toBe('r1')
    expect(notes).toEqual([{ code: 'dropped', run: 'r2', why: 'on battery' }])
  })

  it('is never an A/A run', () => {
    const { configs } = selectResults(
      [native],
      trials('r1', native, ['ended', 'ended'], { side: 'a' }),
    )
    expect(configs.get('native')?.run).toBeUndefined()
  })

  it('is complete at the round where `until` stopped it, if the config has `until`', () => {
    const until = { ...native, rounds: 20, until: true }
    const stored = [
      ...trials('r1', native, ['ended', 'ended']),
      { ...trials('r1', docker, ['ended'])[0]!, end: endOf({ stoppedAtRound: 2 }) },
    ]
    expect(selectResults([until], stored).configs.get('native')).toMatchObject({
      requiredRounds: 2,
      open: false,
    })
    expect(selectResults([{ ...until, until: false }], stored).configs.get('native')).toMatchObject(
      {
        requiredRounds: 20,
        open: true,
      },
    )
  })
})

describe('the trial selected for a round', () => {
  const [first] = trials('r1', native, ['ended'])
  const later = { ...first!.header, startedAt: '2025-08-08T23:00:00.000+08:00' }
  it('is the last one that ended, or the last one if none did', () => {
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

describe('an interrupted run', () => {
  it('is named in a note if it is newer than the selected run', () => {
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
      { code: 'interrupted', run: 'r2', configs: ['native', 'docker'], used: false },
    ])
  })

  it('is used and named in a note until there is a complete run', () => {
    const killed = trials('r1', native, ['ended', 'killed'])
    const { configs, notes } = selectResults([native], killed)
    expect(configs.get('native')).toMatchObject({ run: 'r1', open: true })
    expect(notes).toEqual([{ code: 'interrupted', run: 'r1', configs: ['native'], used: true }])
    expect(
      selectResults([native], [...killed, ...trials('r2', native, ['ended', 'ended'])]).notes,
    ).toEqual([])
  })
})

describe('stand-in results', () => {
  const all = [
    ...trials('r1', native, ['ended', 'ended'], standIn),
    ...trials('r1', docker, ['ended', 'ended'], standIn),
  ]
  it('are used if there are no real results', () => {
    const { standIn: used, configs } = selectResults([native, docker], all)
    expect(used).toBe(true)
    expect(configs.get('docker')?.run).toBe('r1')
  })

  it('are all replaced by the first real result', () => {
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

  it('are used while no real trial has ended', () => {
    expect(selectResults([native], [...all, ...trials('r2', native, ['failed'])]).standIn).toBe(
      true,
    )
  })
})

describe('hasRealResults', () => {
  const real = trials('r1', native, ['ended'])
  const none = new Set<string>()

  it('is true if a trial on a requested target ended', () => {
    expect(hasRealResults([native], real, none)).toBe(true)
  })

  it.each([
    ['only stand-in results', trials('r1', native, ['ended'], standIn), none],
    ['only failed trials', trials('r1', native, ['failed', 'killed']), none],
    ['only results of other configs', trials('r1', docker, ['ended']), none],
    ['only dropped runs', real, new Set(['r1'])],
    ['no results', [], none],
  ])('is false if there are %s', (_, listings, dropped) => {
    expect(hasRealResults([native], listings, dropped)).toBe(false)
  })
})

it('a new run gets one more than the highest sequence, and 1 after results without one', () => {
  expect(nextSequence([])).toBe(1)
  const highest = { sequence: Number.MAX_SAFE_INTEGER }
  const last = trials('r1', native, ['ended']).map((trial) => ({
    ...trial,
    header: { ...trial.header, ...highest },
  }))
  expect(nextSequence(last)).toBe(highest.sequence)
  expect(nextSequence(trials('r1', native, ['ended']))).toBe(1)
  const others = [
    ...trials('r1', native, ['killed'], { sequence: 7 }),
    ...trials('r2', native, ['ended']),
  ]
  expect(nextSequence(others)).toBe(8)
})
