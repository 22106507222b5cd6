/**
 * Reduces an experiment with a capacity search to the levels that have results. Pure.
 */
import type { LoadSeries } from '../experiment/levels/load-series.ts'
import type { Config, Experiment } from '../experiment/experiment.ts'
import type { ExperimentTexts } from '../experiment/texts.ts'
import { belongsToRound, runOrder } from '../results/runs.ts'
import type { TrialListing } from '../results/store.ts'
import type { Lock } from './lock.ts'

/**
 * The experiment without the levels that its search did not choose. If nothing is measured yet, the first level of each
 * config stays. An experiment without a search is returned unchanged.
 * @param dropped ids of dropped runs
 */
export function withSearchedLevels(
  experiment: Experiment,
  listings: readonly TrialListing[],
  dropped: ReadonlySet<string>,
): Experiment {
  const { search, series = [], configs } = experiment
  if (search === undefined) return experiment
  const counted = listings.filter(
    (trial) => belongsToRound(trial) && !dropped.has(trial.header.run),
  )
  const order = runOrder(listings)
  const newest = (digests: ReadonlySet<string>) => {
    const own = counted.filter(({ header }) => digests.has(header.measurementDigest))
    const run = own
      .map(({ header }) => header.run)
      .toSorted(order.compare)
      .at(-1)
    return own.filter(({ header }) => header.run === run)
  }
  const chosen = series.map((each) => {
    const keys = each.levels.map(({ config }) => config)
    const digestOf = new Map(
      configs.flatMap(({ key, measurementDigest }) =>
        keys.includes(key) ? [[key, measurementDigest] as const] : [],
      ),
    )
    const measured = new Set(
      newest(new Set(digestOf.values())).map(({ header }) => header.measurementDigest),
    )
    const levels = each.levels.filter(({ config }) => measured.has(digestOf.get(config) ?? ''))
    return { ...each, levels: levels.length === 0 ? each.levels.slice(0, 1) : levels }
  })
  return withSeries(experiment, chosen)
}

/** The levels of a search that have figures in a version of the report; undefined if there are none. */
export function withLevelsOfVersion(
  experiment: Experiment,
  { configs }: Pick<Lock, 'configs'>,
): Experiment | undefined {
  const hasFigures = (key: string) => Object.keys(configs[key]?.figures ?? {}).length > 0
  const series = (experiment.series ?? []).flatMap((each) => {
    const levels = each.levels.filter(({ config }) => hasFigures(config))
    return levels.length === 0 ? [] : [{ ...each, levels }]
  })
  return series.length === 0 ? undefined : withSeries(experiment, series)
}

/** The experiment without the levels that none of these series has. */
function withSeries(
  { series = [], configs, texts, ...experiment }: Experiment,
  chosen: readonly LoadSeries[],
): Experiment {
  const kept = new Set(chosen.flatMap(({ levels }) => levels.map(({ config }) => config)))
  const searched = new Set(series.flatMap(({ levels }) => levels.map(({ config }) => config)))
  const isKept = (key: string) => kept.has(key) || !searched.has(key)
  // The texts of configs are in the order of the configs.
  const keptTexts = ({ configs: all, ...others }: ExperimentTexts): ExperimentTexts => ({
    ...others,
    configs: all.filter((_, index) => isKept(configs[index]?.key ?? '')),
  })
  return {
    ...experiment,
    ...(texts && {
      texts: Object.fromEntries(
        Object.entries(texts).map(([locale, each]) => [locale, keptTexts(each)]),
      ),
    }),
    series: chosen,
    configs: configs.filter(({ key }) => isKept(key)).map((config) => withBase(config, isKept)),
  }
}

function withBase(config: Config, isKept: (key: string) => boolean): Config {
  const { from, ...rest } = config
  return from === undefined || isKept(from) ? config : rest
}
