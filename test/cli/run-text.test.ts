/** The texts that `exp run` prints. */
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { safeIo, type Io } from '../../src/cli/io.ts'
import { orderText } from '../../src/cli/run/plan-text.ts'
import { progressView, type ProgressView } from '../../src/cli/run/progress-view.ts'
import { floorText } from '../../src/cli/run/run-outcome.ts'
import { readTerminalWords } from '../../src/cli/terminal-words.ts'

const words = readTerminalWords({ env: {} })

describe('the order of a plan', () => {
  /** Two configs, forwards in odd rounds and backwards in even ones. */
  const from = (first: number, last: number) => ({
    trials: Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap((round) =>
      (round % 2 === 1 ? ['a', 'b'] : ['b', 'a']).map((config, index) => ({
        config,
        round,
        position: round * 2 + index,
      })),
    ),
  })

  it.each([
    [1, 1, 'a, b'],
    [1, 2, 'a, b; then b, a'],
    [1, 6, 'a, b; then b, a; then alternating'],
    // resumed
    [6, 6, 'b, a'],
    [5, 6, 'a, b; then b, a'],
    [4, 6, 'b, a; then a, b; then alternating'],
  ])('of rounds %i to %i', (first, last, text) => {
    expect(orderText(from(first, last), words)).toBe(text)
  })
})

/** An `Io` whose outputs are a terminal of this width, or no terminal, and what was written. */
function outputIo(columns?: number): { readonly io: Io; readonly text: () => string } {
  let text = ''
  const output = {
    write: (more: string) => void (text += more),
    isTerminal: columns !== undefined,
    columns: columns ?? 80,
  }
  const io: Io = {
    cwd: '/',
    env: { NO_COLOR: '1' },
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    terminalClosed: new AbortController().signal,
    now: () => new Date(0),
    random: () => 0,
  }
  return { io: safeIo(io), text: () => text }
}

/** What a terminal shows after this text: it knows the line end, the return, and the codes for up and erase. */
function screenOf(text: string): readonly string[] {
  const lines: string[] = ['']
  let row = 0
  for (const [code, up] of text.matchAll(/\u001b\[(\d+)A|\u001b\[J|\n|\r|[^\u001b\n\r]+/g)) {
    if (up !== undefined) row -= Number(up)
    else if (code === '\u001b[J') lines.splice(row, lines.length, '')
    else if (code === '\n') {
      row += 1
      lines[row] ??= ''
    } else if (code !== '\r') lines[row] = (lines[row] ?? '') + code
  }
  return lines
}

describe('the progress of a run', () => {
  const live = { phase: 'measured', elapsedMs: 1000, sent: 12, ended: 12, ok: 12 } as const
  const trial = (index: number, config: string) => ({
    index,
    total: 4,
    round: index <= 2 ? 1 : 2,
    config,
    position: index,
  })

  /** The screen after a trial of `native` has ended and one of `docker` runs. */
  function screen(columns?: number) {
    const { io, text } = outputIo(columns)
    let now = 0
    const view = progressView(words, () => now, io)
    view.setEstimate(100_000, 4)
    const figures = { ...live, qps: 9.84, p95Ms: 321.4, tokensPerSecond: 53.2 }
    view.show({ type: 'trial-started', trial: trial(1, 'native') })
    view.show({ type: 'progress', trial: trial(1, 'native'), live: figures })
    now = 60_000
    const counts = { sent: 24, ok: 24, failed: 0, cancelled: 0 }
    view.show({
      type: 'trial-ended',
      trial: trial(1, 'native'),
      outcome: 'ended',
      counts,
      live: figures,
    })
    view.show({ type: 'trial-started', trial: trial(2, 'docker') })
    view.show({ type: 'progress', trial: trial(2, 'docker'), live: { ...figures, qps: 12.1 } })
    return { lines: screenOf(text()), view, text }
  }

  it('has a line for each config that is probed, also without a terminal', () => {
    const shown = (columns?: number) => {
      const { io, text } = outputIo(columns)
      const view = progressView(words, () => 0, io)
      for (const config of ['a', 'b']) view.show({ type: 'probing', config })
      return text()
    }
    expect(shown()).toBe('probing a …\nprobing b …\n')
    expect(screenOf(shown(80))).toEqual(['probing b …'])
  })

  it('shows a bar for the whole run, and the figures of the configs beside each other', () => {
    expect(screen(100).lines).toEqual([
      '✓ 1/4 round 1 native  24 requests, QPS ~9.8, P95 ~321 ms, ~53 tokens/s',
      'about 3 min left  1/4  ████████░░░░░░░░░░░░░░░░░░░░░░',
      '          QPS    P95 ms  tokens/s',
      '  native  ~9.8   ~321    ~53',
      '  docker  ~12.1  ~321    ~53',
      '2/4 round 1 docker, 12 requests',
    ])
  })

  it.each([60, 30])(
    'keeps the time at %i columns, breaks no word, and needs no second line',
    (columns) => {
      const { lines } = screen(columns)
      const region = lines.slice(lines.findIndex((line) => line.startsWith('about 3 min left')))
      expect(region).toHaveLength(5)
      for (const line of region) expect(stringWidth(line)).toBeLessThan(columns)
      expect(region.at(-1)).toMatch(/^2\/4 round 1 docker(?:, 12 requests)?$/)
    },
  )

  it('says by how much a race exceeds its budget, and nothing of an estimate that has run out', () => {
    const progress = {
      rounds: 2,
      leader: 'native',
      configsLeft: 2,
      done: [],
      eliminated: [],
      budgetLeftMs: 0,
    }
    const shown = (set: (view: ProgressView) => void) => {
      const { io, text } = outputIo(100)
      let now = 0
      const view = progressView(words, () => now, io)
      set(view)
      now = 40_000
      view.show({ type: 'race', progress, newlyEliminated: [] })
      view.show({ type: 'trial-started', trial: trial(1, 'native') })
      return screenOf(text()).slice(0, 2)
    }
    expect(shown((view) => view.setBudget(100_000))).toEqual([
      'after round 2: native leads, 2 left in the race, 60 s of the budget left',
      expect.stringMatching(/^about 60 s left  0\/4/),
    ])
    expect(shown((view) => view.setBudget(10_000))).toEqual([
      'after round 2: native leads, 2 left in the race, 30 s over the budget',
      expect.stringMatching(/^30 s over the budget  0\/4/),
    ])
    expect(shown((view) => view.setEstimate(10_000, 4))[1]).toMatch(/^0\/4 /)
  })

  it('leaves only the lines of ended trials', () => {
    const { view, text } = screen(80)
    view.clear()
    expect(screenOf(text()).filter((line) => line !== '')).toHaveLength(1)
    expect(screen().lines.filter((line) => line !== '')).toHaveLength(1)
  })
})

describe('the noise floor that an A/A run measured', () => {
  it('names the metrics whose floor is raised, in their units', () => {
    const byMetric = new Map([
      ['qps', 3.24],
      ['okRate', 2.5],
      ['prefill', 12],
    ])
    expect(floorText({ run: 'r', config: 'a', byMetric }, words)).toBe(
      'Noise floor, from a against itself: qps 3.2%, okRate 2.5 pp, prefill 12.0 ms; 2% for every other metric',
    )
    expect(floorText({ run: 'r', config: 'a', byMetric: new Map() }, words)).toBe(
      'Noise floor: 2% for every metric; a showed no larger systematic difference from itself',
    )
  })
})
