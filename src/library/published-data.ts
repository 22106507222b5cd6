/** Turns experiments, analyses and stored trials into the data that the library returns. */
import type { Analysis, Change, ConfigAnalysis, HypothesisResult } from '../analysis/analysis.ts'
import type { Figure } from '../analysis/figure.ts'
import type { Confirmation, TuningAnalysis } from '../analysis/race/tuning.ts'
import type { Config, Experiment } from '../experiment/experiment.ts'
import type { StoredTrial } from '../results/store.ts'
import type * as Published from './published-types.ts'

export function experimentData(experiment: Experiment): Published.Experiment {
  const { id, file, title, question, locales, tags, configs, baseline, rounds } = experiment
  return {
    id,
    file,
    title,
    ...(question === undefined ? {} : { question }),
    locales,
    tags,
    configs: configs.map(configData),
    ...(baseline === undefined ? {} : { baseline }),
    rounds,
  }
}

function configData(config: Config): Published.Config {
  const { key, label, group, from, kind, env, options } = config
  return {
    key,
    label,
    group,
    ...(from === undefined ? {} : { from }),
    kind,
    ...(kind === 'measured' ? { target: config.target.kind, model: config.model.name } : {}),
    env,
    options,
  }
}

export function resultsData(experiment: Experiment, analysis: Analysis): Published.Results {
  return {
    experiment: experimentData(experiment),
    standIn: analysis.standIn,
    configs: analysis.configs.map(configResults),
    changes: analysis.comparisons.flatMap(({ base, config, changes }) =>
      [...changes.values()].map((change) => changeData(change, base, config)),
    ),
    verdicts: analysis.hypotheses.map(verdictData),
    ...(analysis.tuning === undefined ? {} : { race: raceData(analysis.tuning) }),
  }
}

function raceData(tuning: TuningAnalysis): Published.Race {
  const { metric, race, ended, rounds, leader, raceGain, confirmation } = tuning
  return {
    metric: metric.id,
    base: tuning.tuning.grid.base,
    ended,
    rounds,
    ...(leader === undefined ? {} : { leader }),
    left: race.remaining,
    outs: race.eliminations.map(({ config, round, reason }) => ({
      config,
      round,
      reason: reason.code,
    })),
    ...(raceGain === undefined ? {} : { raceGain }),
    ...(confirmation === undefined ? {} : { confirmed: confirmedData(confirmation) }),
  }
}

function confirmedData({ rounds, gain, interval }: Confirmation) {
  return {
    rounds,
    ...(gain === undefined ? {} : { gain }),
    ...(interval === undefined ? {} : { interval }),
  }
}

function configResults({ config, state, run, rounds, figures }: ConfigAnalysis) {
  return {
    key: config.key,
    state,
    ...(run === undefined ? {} : { run }),
    rounds: rounds.ended,
    figures: Object.fromEntries([...figures].map(([id, figure]) => [id, figureData(figure)])),
  }
}

function figureData({ metric, value, absence, n, interval, doubts }: Figure): Published.Figure {
  return {
    unit: metric.unit,
    ...(value === undefined ? {} : { value }),
    ...(absence === undefined ? {} : { absent: absence.code }),
    n,
    ...(interval === undefined ? {} : { interval }),
    doubts: doubts.map(({ code }) => code),
  }
}

function changeData(
  { metric, value, interval, mark, obstacle }: Change,
  base: string,
  config: string,
): Published.Change {
  return {
    metric: metric.id,
    config,
    base,
    unit: metric.change === 'ratio' ? 'percent' : metric.unit === '%' ? 'points' : metric.unit,
    ...(value === undefined ? {} : { value }),
    ...(interval === undefined ? {} : { interval }),
    mark,
    ...(obstacle === undefined ? {} : { obstacle: obstacle.code }),
  }
}

function verdictData(result: HypothesisResult): Published.Verdict {
  const { hypothesis, measured, interval, verdict } = result
  const { id, statement, claim, gate } = hypothesis
  return {
    id,
    statement,
    metric: claim.metric,
    config: claim.config,
    ...('versus' in claim ? { base: claim.versus } : {}),
    ...(claim.factor === undefined ? {} : { factor: claim.factor }),
    target: claim.kind === 'same' ? claim.text : claim.threshold.text,
    gate,
    verdict: verdict.code,
    ...(measured === undefined ? {} : { measured }),
    // The interval of a capacity has no upper end if the config may meet the objectives at every level.
    ...(interval === undefined || interval.high === Infinity ? {} : { interval }),
    n: verdict.n,
  }
}

export function trialData({ file, header, end, requests }: StoredTrial): Published.Trial {
  const { run, config, round, startedAt, target, pruned } = header
  return {
    file,
    run,
    config,
    round,
    startedAt,
    outcome: end?.outcome ?? 'interrupted',
    ...(end?.reason === undefined ? {} : { reason: end.reason }),
    standIn: target.standIn,
    ...(pruned === undefined ? {} : { pruned: true }),
    requests: Array.from({ length: requests.length }, (_, row) => requestData(requests, row)),
  }
}

function requestData(requests: StoredTrial['requests'], row: number): Published.Request {
  const { type, ...request } = requests.row(row)
  return request
}
