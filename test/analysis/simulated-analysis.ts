/** Analyses experiments whose trials are simulated. */
import { analyse } from '../../src/analysis/analyse.ts'
import type { Analysis, ConfigAnalysis, NoiseFloor } from '../../src/analysis/analysis.ts'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { simulateTrial, type Simulation } from './simulate.ts'

/** One trial for each round. @param simulation the parameters of a round, counted from 1 */
export function roundsOf(
  config: string,
  rounds: number,
  simulation: (round: number) => Simulation,
): readonly TrialSummary[] {
  return Array.from({ length: rounds }, (_, index) => {
    const round = index + 1
    const { header, ...rest } = simulation(round)
    return summariseTrial(
      simulateTrial({
        seed: round * 1000 + config.length,
        ...rest,
        header: { config, round, ...header },
      }),
    )
  })
}

/**
 * Trials with the given figures, one for each value, in place of their own. Cheap enough for thousands of experiments.
 */
export function trialsWith(
  template: TrialSummary,
  metric: string,
  values: readonly number[],
): readonly TrialSummary[] {
  return values.map((value, index) => ({
    ...template,
    header: { ...template.header, round: index + 1 },
    figures: new Map([[metric, { value, n: 100 }]]),
  }))
}

export function analysisOf(
  experiment: Experiment,
  trials: Readonly<Record<string, readonly TrialSummary[]>>,
  { standIn = false, floor }: { standIn?: boolean; floor?: NoiseFloor } = {},
): Analysis {
  const configs = new Map(
    Object.entries(trials).map(([key, [first]]) => [
      key,
      {
        key,
        ...(first === undefined ? {} : { run: first.header.run }),
        trials: [],
        requiredRounds: experiment.rounds,
        open: false,
      },
    ]),
  )
  return analyse(experiment, { configs, standIn }, new Map(Object.entries(trials)), floor)
}

export function configOf({ configs }: Analysis, key: string): ConfigAnalysis {
  const found = configs.find(({ config }) => config.key === key)
  if (found === undefined) throw new Error(key)
  return found
}
