/**
 * Shows the progress of a run on stderr: a line for each trial that ended. On a terminal, a last line is updated while
 * a trial runs.
 */
import stringWidth from 'string-width'
import { onOneLine } from '../../errors/quote.ts'
import { durationText } from '../../format/number.ts'
import type { LiveFigures } from '../../load/load-plan.ts'
import type { RunEvent, ScheduledTrial } from '../../run/run.ts'
import { paint, type Io, type Palette } from '../io.ts'
import { asOwn } from '../safe-output.ts'
import type { TerminalWords } from '../terminal-words.ts'

export interface ProgressView {
  show(event: RunEvent): void
  /** @param remaining returns the remaining time in ms after the given number of ended trials */
  setRemaining(remaining: (trialsEnded: number) => number): void
  /** Removes the line that is being updated. */
  clear(): void
}

/** Moves to the start of the line and erases it. */
const eraseLine = asOwn('\r\u001b[2K')

export function progressView(words: TerminalWords, io: Io): ProgressView {
  const { stderr } = io
  const palette = paint(stderr, io.env)
  const draw = (text: string) => {
    if (stderr.isTerminal) stderr.write(`${eraseLine}${clip(text, stderr.columns - 1)}`)
  }
  const print = (text: string) =>
    stderr.write(`${stderr.isTerminal ? eraseLine : ''}${onOneLine(text)}\n`)
  /** Prints the line even without a terminal, where it stays: probing takes minutes and has no other output. */
  const announce = (text: string) => (stderr.isTerminal ? draw(text) : print(text))
  let remainingMs: (trialsEnded: number) => number | undefined = () => undefined
  let ended = 0
  return {
    show(event) {
      switch (event.type) {
        case 'probing':
          announce(words.text('progress.probing', { config: event.config }))
          break
        case 'trial-started':
          draw(words.text('progress.starting', { trial: trialText(event.trial, words) }))
          break
        case 'progress':
          draw(progressText(event, remainingMs(ended), words))
          break
        case 'trial-ended':
          ended += 1
          print(endedText(event, palette, words))
          break
      }
    },
    setRemaining: (remaining) => {
      remainingMs = remaining
    },
    clear: () => draw(''),
  }
}

function trialText(
  { index, total, round, config, side }: ScheduledTrial,
  words: TerminalWords,
): string {
  const trial = { index: String(index).padStart(String(total).length), total, round, config }
  return side === undefined
    ? words.text('progress.trial', trial)
    : words.text('progress.trialSide', { ...trial, side })
}

function progressText(
  event: Extract<RunEvent, { type: 'progress' }>,
  remainingMs: number | undefined,
  words: TerminalWords,
): string {
  const values = { trial: trialText(event.trial, words), figures: liveText(event.live, words) }
  return remainingMs === undefined
    ? words.text('progress.live', values)
    : words.text('progress.liveWithTime', { ...values, duration: durationText(remainingMs) })
}

/** The figures so far. Those of the report differ slightly, because they come from the records. */
function liveText(
  { phase, ended, qps, p95Ms, tokensPerSecond }: LiveFigures,
  words: TerminalWords,
): string {
  const parts = [
    words.text(phase === 'warmup' ? 'progress.warmup' : 'progress.requests', { requests: ended }),
  ]
  if (qps !== undefined) parts.push(words.text('progress.qps', { qps: qps.toFixed(1) }))
  if (p95Ms !== undefined) parts.push(words.text('progress.p95', { ms: p95Ms.toFixed(0) }))
  if (tokensPerSecond !== undefined)
    parts.push(words.text('progress.tokens', { rate: tokensPerSecond.toFixed(0) }))
  return parts.join(', ')
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
    const figures = liveText({ ...live, ended: counts.ok }, words)
    if (counts.failed === 0) return head + figures
    const failures = words.text('progress.failedRequests', { requests: counts.failed })
    return `${head}${figures}${red(`, ${failures}`)}`
  }
  const text = words.text(`progress.${outcome}`)
  if (reason === undefined) return head + text
  return head + words.text('progress.withReason', { outcome: text, reason })
}

/** Cuts a text to the width of the terminal, so that it stays on one line. */
function clip(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  let kept = ''
  for (const character of text) {
    if (stringWidth(kept + character) >= columns) break
    kept += character
  }
  return `${kept}…`
}
