/**
 * Shows the progress of a run on stderr: a line for each trial that ended. On a terminal, lines below it are updated
 * while a trial runs: a bar for the whole run, the figures of each config so far, and the trial.
 */
import { onOneLine } from '../../errors/quote.ts'
import { durationText } from '../../format/number.ts'
import { columns as aligned } from '../../format/plain-text.ts'
import type { LiveFigures } from '../../load/load-plan.ts'
import type { RunEvent, ScheduledTrial } from '../../run/run.ts'
import type { PullProgress } from '../../targets/owned-server/pull-model.ts'
import { paint, type Io, type Palette } from '../io.ts'
import { asControlCode, type Output } from '../safe-output.ts'
import { counted, type TerminalWords } from '../terminal-words.ts'
import { fitting, wrapped } from '../wrap.ts'
import { budgetTime, remainingTime, type RemainingTime } from './remaining-time.ts'

export interface ProgressView {
  show(event: RunEvent): void
  /** Call it when the first trial starts. `estimateMs` is the estimated duration of the whole run. */
  setEstimate(estimateMs: number, trials: number): void
  /** @param budgetLeftMs the time after which a race ends */
  setBudget(budgetLeftMs: number): void
  /** Shows the progress of a download of a model or an image. */
  readonly pulling: (progress: PullProgress) => void
  /** Removes the lines that are being updated. */
  clear(): void
}

/** @param now a monotonic clock in ms */
export function progressView(words: TerminalWords, now: () => number, io: Io): ProgressView {
  const { stderr } = io
  const palette = paint(stderr, io.env)
  const region = liveRegion(stderr)
  const figures = new RunningFigures()
  const print = (text: string) => {
    region.show([])
    stderr.write(`${wrapped(text, stderr)}\n`)
  }
  /** Shows the line. Without a terminal, prints it, because probing takes minutes and has no other output. */
  const announce = (text: string) => (stderr.isTerminal ? region.show([text]) : print(text))
  let remaining: RemainingTime | undefined
  let ended = 0
  const drawRun = (trial: ScheduledTrial, last: readonly string[]) => {
    const width = stderr.columns - 1
    const bar = barLine(trial, ended, remaining?.at(now()), width, words)
    const table = aligned(figures.table(words)).map((line) => fitting(cells(line), '  ', width))
    region.show([bar, ...table, fitting(last, ', ', width)])
  }
  return {
    show(event) {
      switch (event.type) {
        case 'probing':
          announce(words.text('progress.probing', { config: event.config }))
          break
        case 'race':
          print(raceText(event, remaining?.at(now()), words))
          break
        case 'trial-started':
          drawRun(event.trial, [
            words.text('progress.starting', { trial: trialText(event.trial, words) }),
          ])
          break
        case 'progress': {
          figures.running(event.trial, event.live)
          const [requests = '', ...rest] = liveParts(event.live, words)
          // The table has the figures, once it is shown.
          const shown = figures.table(words).length > 0 ? [requests] : [requests, ...rest]
          drawRun(event.trial, [trialText(event.trial, words), ...shown])
          break
        }
        case 'trial-ended':
          ended += 1
          remaining?.trialEnded(now())
          figures.ended(event.trial, event.live)
          print(endedText(event, palette, words))
          break
      }
    },
    setBudget: (budgetLeftMs) => {
      remaining = budgetTime(budgetLeftMs, now())
    },
    setEstimate: (estimateMs, trials) => {
      remaining = remainingTime(estimateMs, trials, now())
    },
    pulling: pullView(print, region),
    clear: () => region.show([]),
  }
}

/** Shows each step of a download as a line that stays, and on a terminal its percent below. */
function pullView(print: (text: string) => void, region: LiveRegion): ProgressView['pulling'] {
  let lastStep = ''
  return ({ model, status, totalBytes = 0, completedBytes }) => {
    const step = onOneLine(`${model}: ${status}`)
    if (step !== lastStep) print(step)
    lastStep = step
    if (completedBytes === undefined || totalBytes === 0) return
    region.show([`${step}  ${Math.floor((completedBytes / totalBytes) * 100)}%`])
  }
}

interface LiveRegion {
  show(lines: readonly string[]): void
}

/** Lines at the bottom of a terminal that are replaced; nothing is shown on other outputs. */
function liveRegion(output: Output): LiveRegion {
  let height = 0
  return {
    show(lines) {
      if (!output.isTerminal) return
      // Moves up to the first of the lines, and erases from there to the end of the screen.
      const up = height > 1 ? `\u001b[${height - 1}A` : ''
      if (height > 0) output.write(asControlCode(`\r${up}\u001b[J`))
      const whole = lines.map((line) => fitting([onOneLine(line)], '', output.columns - 1))
      output.write(whole.join('\n'))
      height = lines.length
    },
  }
}

/** The cells of an aligned row with their padding, so that a narrow terminal leaves out whole cells. */
function cells(line: string): readonly string[] {
  return line.split(/(?<=\S) {2}(?=.)/)
}

const maxBarWidth = 30

/** The time comes first, so that it remains visible on a narrow terminal. */
function barLine(
  { total }: ScheduledTrial,
  ended: number,
  remainingMs: number | undefined,
  width: number,
  words: TerminalWords,
): string {
  const count = `${ended}/${total}`
  const time = remainingMs === undefined ? '' : timeText(remainingMs, words)
  const texts = [time, count].filter((text) => text !== '').join('  ')
  const cellsLeft = Math.min(maxBarWidth, width - texts.length - 2)
  if (cellsLeft < 4) return texts
  const full = Math.round((ended / Math.max(1, total)) * cellsLeft)
  return `${texts}  ${'█'.repeat(full)}${'░'.repeat(cellsLeft - full)}`
}

/** Empty below one second: the run may take longer than the estimate. */
function timeText(remainingMs: number, words: TerminalWords): string {
  if (remainingMs < 0)
    return words.text('progress.overBudget', { duration: durationText(-remainingMs) })
  return remainingMs < 1000
    ? ''
    : words.text('progress.left', { duration: durationText(remainingMs) })
}

function trialText(
  { index, total, round, config, side, search }: ScheduledTrial,
  words: TerminalWords,
): string {
  const trial = { index: String(index).padStart(String(total).length), total, round, config }
  if (search === true) return words.text('progress.trialSearch', trial)
  return side === undefined
    ? words.text('progress.trial', trial)
    : words.text('progress.trialSide', { ...trial, side })
}

/** The figures so far. Those of the report differ slightly, because they come from the records. */
function liveParts(
  { phase, ended, qps, p95Ms, tokensPerSecond }: LiveFigures,
  words: TerminalWords,
): readonly string[] {
  const requests = counted('request', ended, words)
  const parts = [phase === 'warmup' ? words.text('progress.warmup', { requests }) : requests]
  if (qps !== undefined) parts.push(words.text('progress.qps', { qps: qps.toFixed(1) }))
  if (p95Ms !== undefined) parts.push(words.text('progress.p95', { ms: p95Ms.toFixed(0) }))
  if (tokensPerSecond !== undefined)
    parts.push(words.text('progress.tokens', { rate: tokensPerSecond.toFixed(0) }))
  return parts
}

function endedText(
  { trial, outcome, reason, counts, live }: Extract<RunEvent, { type: 'trial-ended' }>,
  { red, green, yellow }: Palette,
  words: TerminalWords,
): string {
  const signs = {
    ended: green('✓'),
    failed: red('✗'),
    skipped: yellow('-'),
    interrupted: yellow('!'),
  }
  const head = `${signs[outcome]} ${trialText(trial, words)}  `
  if (outcome === 'ended' && live && counts) {
    const figures = liveParts({ ...live, ended: counts.ok }, words).join(', ')
    if (counts.failed === 0) return head + figures
    const failures = words.text('progress.failedRequests', { requests: counts.failed })
    return `${head}${figures}${red(`, ${failures}`)}`
  }
  const text = words.text(`progress.${outcome}`)
  if (reason === undefined) return head + text
  return head + words.text('progress.withReason', { outcome: text, reason: onOneLine(reason) })
}

/** The leading config, those eliminated, how many are left, and what is left of the budget. */
function raceText(
  {
    progress: { rounds, leader, configsLeft },
    newlyEliminated,
  }: Extract<RunEvent, { type: 'race' }>,
  remainingMs: number | undefined,
  words: TerminalWords,
): string {
  const isOver = remainingMs !== undefined && remainingMs < 0
  return [
    words.text(isOver ? 'progress.raceOverBudget' : 'progress.race', {
      ...{ round: rounds, left: configsLeft },
      leader: leader ?? '-',
      budget: durationText(Math.abs(remainingMs ?? 0)),
    }),
    ...(newlyEliminated.length === 0
      ? []
      : [words.text('progress.raceOut', { out: newlyEliminated.join(', ') })]),
  ].join('\n')
}

const shownFigures = ['qps', 'p95Ms', 'tokensPerSecond'] as const

/** More configs would push the lines of ended trials off the screen. */
const maxConfigs = 8

/**
 * The figures of each config while a run is in progress: means over its trials so far, beside each other in a table.
 */
class RunningFigures {
  /** The figures of ended trials, by config. */
  readonly #ended = new Map<string, LiveFigures[]>()
  #running: { readonly name: string; readonly live: LiveFigures } | undefined

  running(trial: ScheduledTrial, live: LiveFigures): void {
    this.#running = live.phase === 'measured' ? { name: nameOf(trial), live } : undefined
  }

  ended(trial: ScheduledTrial, live: LiveFigures | undefined): void {
    this.#running = undefined
    if (live === undefined) return
    const name = nameOf(trial)
    this.#ended.set(name, [...(this.#ended.get(name) ?? []), live])
  }

  /** A header and a row for each config that has figures; empty before two configs have some. */
  table(words: TerminalWords): readonly (readonly string[])[] {
    const names = new Set([...this.#ended.keys(), ...(this.#running ? [this.#running.name] : [])])
    if (names.size < 2) return []
    const rows = [...names].slice(0, maxConfigs).map((name) => {
      const figures = this.#figuresOf(name)
      return [`  ${name}`, ...shownFigures.map((field) => meanText(figures, field))]
    })
    const header = ['  ', ...shownFigures.map((field) => words.text(`progress.column.${field}`))]
    return [header, ...rows]
  }

  #figuresOf(name: string): readonly LiveFigures[] {
    const running = this.#running?.name === name ? [this.#running.live] : []
    return [...(this.#ended.get(name) ?? []), ...running]
  }
}

function nameOf({ config, side }: ScheduledTrial): string {
  return side === undefined ? config : `${config} ${side}`
}

function meanText(figures: readonly LiveFigures[], field: (typeof shownFigures)[number]): string {
  const values = figures.flatMap((live) => live[field] ?? [])
  if (values.length === 0) return '-'
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return `~${mean.toFixed(field === 'qps' ? 1 : 0)}`
}
