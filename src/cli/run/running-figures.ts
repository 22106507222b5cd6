/** The figures of each config while a run is in progress: means over its trials so far, beside each other in a table. */
import type { LiveFigures } from '../../load/load-plan.ts'
import type { ScheduledTrial } from '../../run/run.ts'
import type { TerminalWords } from '../terminal-words.ts'

const shown = ['qps', 'p95Ms', 'tokensPerSecond'] as const

/** More configs would push the lines of ended trials off the screen. */
const maxConfigs = 8

export class RunningFigures {
  /** By config. The figures of a trial that is running are replaced when it ends. */
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
      return [`  ${name}`, ...shown.map((field) => meanText(figures, field))]
    })
    const header = ['  ', ...shown.map((field) => words.text(`progress.column.${field}`))]
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

function meanText(figures: readonly LiveFigures[], field: (typeof shown)[number]): string {
  const values = figures.flatMap((live) => live[field] ?? [])
  if (values.length === 0) return '-'
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return `~${mean.toFixed(field === 'qps' ? 1 : 0)}`
}
