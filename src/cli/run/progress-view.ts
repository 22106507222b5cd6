/**
 * A run while it goes on. On a terminal: one line for each trial that ended, and a last line that lives.
 * In a pipe: plain lines only, one for each trial that ended.
 */
import stringWidth from 'string-width'
import type { LiveFigures } from '../../load/live-figures.ts'
import type { RunEvent, ScheduledTrial } from '../../run/run-event.ts'
import { durationText } from '../../format/number.ts'
import type { Io } from '../io.ts'
import { paint, type Palette } from '../paint.ts'

export interface ProgressView {
  show(event: RunEvent): void
  /** Takes the living line away. */
  clear(): void
}

/** @param remainingMs what is left of the run's estimate when so many trials have ended */
export function progressView(
  io: Io,
  remainingMs: (trialsEnded: number) => number | undefined,
): ProgressView {
  const { stderr } = io
  const style = paint(stderr, io.env)
  const living = stderr.isTerminal
  const draw = (text: string) => {
    if (living) stderr.write(`\r\u001b[2K${clip(text, stderr.columns - 1)}`)
  }
  const line = (text: string) => stderr.write(`${living ? '\r\u001b[2K' : ''}${text}\n`)
  let ended = 0
  return {
    show(event) {
      if (event.type === 'probing') draw(`probing ${event.config} …`)
      else if (event.type === 'trial-started') draw(`${place(event.trial)} starting …`)
      else if (event.type === 'progress') {
        const left = remainingMs(ended)
        draw(
          `${place(event.trial)} ${liveText(event.live)}${left === undefined ? '' : `, about ${durationText(left)} left`}`,
        )
      } else {
        ended += 1
        line(endedText(event, style))
      }
    },
    clear: () => draw(''),
  }
}

function place({ index, total, round, config, side }: ScheduledTrial): string {
  return `${String(index).padStart(String(total).length)}/${total} round ${round} ${config}${side === undefined ? '' : ` (side ${side})`}`
}

/** Counted as it happens; what the report says is counted from the records, and differs a little. */
function liveText({ phase, ended, qps, p95Ms, tokensPerSecond }: LiveFigures): string {
  const parts = [`${phase === 'warmup' ? 'warm-up, ' : ''}${ended} requests`]
  if (qps !== undefined) parts.push(`QPS ~${qps.toFixed(1)}`)
  if (p95Ms !== undefined) parts.push(`P95 ~${p95Ms.toFixed(0)} ms`)
  if (tokensPerSecond !== undefined) parts.push(`~${tokensPerSecond.toFixed(0)} tokens/s`)
  return parts.join(', ')
}

function endedText(event: Extract<RunEvent, { type: 'trial-ended' }>, style: Palette): string {
  const { trial, outcome, reason, counts, live } = event
  const sign = {
    ended: style.green('✓'),
    failed: style.red('✗'),
    skipped: style.yellow('-'),
    interrupted: style.yellow('!'),
  }
  if (outcome === 'ended' && live && counts) {
    const failures = counts.failed === 0 ? '' : style.red(`, ${counts.failed} failed`)
    return `${sign.ended} ${place(trial)}  ${liveText({ ...live, ended: counts.ok })}${failures}`
  }
  return `${sign[outcome]} ${place(trial)}  ${outcome}${reason === undefined ? '' : `: ${reason}`}`
}

function clip(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  let kept = ''
  for (const character of text) {
    if (stringWidth(kept + character) >= columns) break
    kept += character
  }
  return `${kept}…`
}
