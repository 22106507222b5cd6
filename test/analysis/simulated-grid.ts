/** Grids with a known truth, at the level of one figure a trial. */
import type { Analysis } from '../../src/analysis/analysis.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { experimentText, parsed } from '../experiment/support.ts'
import { analysisOf, roundsOf } from './simulated-analysis.ts'

/** @param vary the value of the key `vary` */
export function gridExperiment(
  vary: string,
  rest: Readonly<Record<string, string>> = {},
): Experiment {
  return parsed(
    experimentText({
      configs: 'configs: {base: {target: process}}',
      vary: `vary: ${vary}`,
      baseline: '',
      ...rest,
    }),
  )
}

/** The place of a trial, from which its figure is computed. */
export interface CellTrial {
  readonly config: string
  /** The level of each factor, by its name. */
  readonly levels: Readonly<Record<string, string>>
  /** From 1. */
  readonly round: number
  readonly position: number
}

const [template] = roundsOf('template', 1, () => ({}))

/**
 * Analyses a grid whose trials have these figures; trials without one are missing.
 * @param only the metric
 * @param lateOf the load generator's own error in the figure of a trial; absent if it is not known
 */
export function analyseGridOf(
  experiment: Experiment,
  only: string,
  rounds: number,
  valueOf: (trial: CellTrial) => number | undefined,
  lateOf?: (trial: CellTrial) => number,
): Analysis {
  const { factors = [], cells = [] } = experiment.grid ?? {}
  const trials = new Map<string, TrialSummary[]>()
  for (let round = 1; round <= rounds; round += 1) {
    const order = round % 2 === 1 ? cells : cells.toReversed()
    for (const [index, { config, levels }] of order.entries()) {
      const named = factors.map(
        ({ name, levels: texts }, at) => [name, texts[levels[at]!]!] as const,
      )
      const position = (round - 1) * cells.length + index + 1
      const trial = { config, levels: Object.fromEntries(named), round, position }
      const value = valueOf(trial)
      if (value === undefined) continue
      const timingError = lateOf && { value: lateOf(trial), calibrated: false }
      const summary: TrialSummary = {
        ...template!,
        header: { ...template!.header, config, round, position },
        figures: new Map([[only, { value, n: 100, ...(timingError && { timingError }) }]]),
      }
      trials.set(config, [...(trials.get(config) ?? []), summary])
    }
  }
  return analysisOf(experiment, Object.fromEntries(trials))
}
