/** The texts that `exp run` prints. */
import { describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { orderText } from '../../src/cli/run/plan-text.ts'
import { progressView } from '../../src/cli/run/progress-view.ts'
import { floorText } from '../../src/cli/run/run-outcome.ts'
import { readTerminalWords } from '../../src/cli/terminal-words.ts'

const words = readTerminalWords()

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

describe('the progress of a run', () => {
  const shown = (isTerminal: boolean) => {
    let text = ''
    const output = { write: (more: string) => void (text += more), isTerminal, columns: 80 }
    const io: Io = {
      cwd: '/',
      env: {},
      stdout: output,
      stderr: output,
      signal: new AbortController().signal,
      terminalClosed: new AbortController().signal,
      now: () => new Date(0),
      random: () => 0,
    }
    const view = progressView(words, io)
    for (const config of ['a', 'b']) view.show({ type: 'probing', config })
    return text
  }

  it('has a line for each config that is probed, also without a terminal', () => {
    expect(shown(false)).toBe('probing a …\nprobing b …\n')
    expect(shown(true)).not.toContain('\n')
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
