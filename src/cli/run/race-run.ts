/**
 * What `exp run` does differently for a race between settings: its plan, its estimated duration and the time that is
 * left.
 */
import { confirmationRounds } from '../../analysis/race/race-step.ts'
import { roundsPerLook } from '../../analysis/race/race.ts'
import { ExpError } from '../../errors/exp-error.ts'
import { durationText } from '../../format/number.ts'
import { estimateRun } from '../../run/estimate-run.ts'
import type { PreparedRun, RaceProgress, RunDeps } from '../../run/run.ts'
import type { Io } from '../io.ts'
import { counted, indented, type TerminalWords } from '../terminal-words.ts'
import { wrapped } from '../wrap.ts'
import { planText } from './plan-text.ts'
import type { ProgressView } from './progress-view.ts'
import type { RunOptions } from './run-options.ts'

interface RaceContext {
  /** True if `exp tune` made the experiment from its options. */
  readonly isFromOptions?: boolean
  readonly options: RunOptions
  readonly view: ProgressView
  readonly words: TerminalWords
  readonly io: Io
}

/** @throws ExpError `invalid-input` for options that choose rounds or configs, which the race decides */
export function refusePlannedRounds({ rounds, only }: RunOptions): void {
  if (rounds === undefined && only.length === 0) return
  throw new ExpError(
    'invalid-input',
    `a race itself decides how often each config runs, so \`${rounds === undefined ? '--only' : '--rounds'}\` cannot be used`,
    'Remove the option. To change the race, change `space` or `budget` of `tune` in the file.',
  )
}

/**
 * Probes the base, prints the plan with its estimated duration, and asks if the first look and the confirmation do not
 * fit into the budget.
 * @returns the time that is left of the budget in ms
 * @throws ExpError `over-budget` if the answer is no, or if there is no terminal to ask on
 */
export async function confirmRace(
  { options, view, words, io, isFromOptions }: RaceContext,
  prepared: PreparedRun,
  { configsLeft, done, budgetLeftMs }: RaceProgress,
  deps: RunDeps,
): Promise<number> {
  const base = prepared.experiment.tuning?.grid.base
  const placements = prepared.placements.filter(({ config }) => config.key === base)
  const { estimateMs: trialMs } = await estimateRun(
    {
      ...{ ...prepared, placements },
      trials: placements.map(({ config }) => ({ config: config.key, round: 1, position: 1 })),
    },
    deps,
  )
  view.clear()
  const firstMs = configsLeft * roundsPerLook * trialMs
  const confirmationMs = 2 * confirmationRounds * trialMs
  const estimate = words.text(budgetLeftMs === 0 ? 'plan.racePriceUsedUp' : 'plan.racePrice', {
    trial: durationText(trialMs),
    first: durationText(firstMs),
    confirmation: durationText(confirmationMs),
    budget: durationText(budgetLeftMs),
  })
  io.stderr.write(wrapped(planText(prepared, undefined, words), io.stderr))
  io.stderr.write(indented([estimate]))
  const minMs = firstMs + confirmationMs
  if (done.length > 0 || minMs <= budgetLeftMs || options.yes) return budgetLeftMs
  const values = {
    duration: durationText(minMs),
    budget: durationText(budgetLeftMs),
    configs: counted('config', configsLeft, words),
  }
  if (io.confirm !== undefined && (await io.confirm(words.text('plan.raceOverBudget', values))))
    return budgetLeftMs
  io.signal.throwIfAborted()
  throw new ExpError(
    'over-budget',
    `two rounds of ${String(configsLeft)} configs and the confirmation would take about ${values.duration}, and the budget of the race is ${values.budget}`,
    isFromOptions === true
      ? 'Nothing was measured. Raise `--budget`, name fewer settings with `--vary`, shorten `--duration`, or confirm with `--yes`.'
      : 'Nothing was measured. Raise `budget` in `tune`, leave out settings of its `space`, or confirm with `--yes`.',
  )
}
