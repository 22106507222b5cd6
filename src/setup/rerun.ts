/**
 * Makes the experiment that `exp rerun` measures: each config twice, before and after a change of its definition or of
 * its Ollama. Input: one or two definitions. Output: an experiment with a claim for each config, which limits the loss.
 */
import { ExpError } from '../errors/exp-error.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import type {
  Acceptable,
  Experiment,
  Hypothesis,
  MeasuredConfig,
} from '../experiment/experiment.ts'
import { measurementDigest } from '../experiment/resolve/resolve-config.ts'
import { withVersion, type Target } from '../experiment/target-kinds.ts'
import { parseAmount } from '../experiment/values/amount.ts'
import { isRead } from '../experiment/values/reading.ts'
import { claimAmount } from '../experiment/values/threshold.ts'
import type { Metric } from '../metrics/catalog.ts'

/** A config before and after the change. */
export interface RerunPair {
  readonly before: MeasuredConfig
  readonly after: MeasuredConfig
}

export interface RerunPairs {
  readonly pairs: readonly RerunPair[]
  /** Labels of the measured configs that the change does not affect. */
  readonly unchanged: readonly string[]
}

/** What the sides of a rerun are called: `v1.2` and `now`, or two versions of Ollama. */
export interface SideNames {
  readonly before: string
  readonly after: string
}

/** In place of a version: the installed Ollama, or the image that the file names. */
const installed = 'installed'

/**
 * Pairs the configs of two definitions by key. Both sides get the samples that the configs have now, because other
 * samples would be a different workload.
 * @param only keys of configs; empty for all
 */
export function pairsOfDefinitions(
  earlier: Experiment,
  now: Experiment,
  only: readonly string[],
): RerunPairs {
  const old = new Map(measured(earlier).map((config) => [config.key, config]))
  const pairs = chosenConfigs(now, only).flatMap((after): RerunPair[] => {
    const before = old.get(after.key)
    if (before === undefined) return []
    const { dataset, settleMs } = after
    const accept = [...new Set([...before.accept, ...after.accept])]
    const { datasetFile: _, ...others } = before
    return [{ before: withDigest({ ...others, dataset, settleMs, accept }), after }]
  })
  return changedPairs(pairs)
}

/**
 * Pairs each config whose Ollama exp starts with itself, on two versions of Ollama.
 * @param versions as in `--vary version=0.11.3,installed`
 */
export function pairsOfVersions(
  now: Experiment,
  [from, to]: readonly [string, string],
  only: readonly string[],
): RerunPairs {
  const pairs = chosenConfigs(now, only).flatMap((config): RerunPair[] => {
    const [before, after] = [from, to].map((version) => targetWith(config.target, version))
    if (before === undefined || after === undefined) return []
    // The comparison is about the version. Each version may also choose another context by default.
    const ofVersions: readonly Acceptable[] = ['serverVersion', 'contextLength']
    const accept = [...new Set([...config.accept, ...ofVersions])]
    return [
      {
        before: withDigest({ ...config, accept, target: before }),
        after: withDigest({ ...config, accept, target: after }),
      },
    ]
  })
  if (pairs.length > 0) return changedPairs(pairs)
  throw new ExpError(
    'invalid-input',
    'exp can compare versions only of servers that it starts, and no config has one',
    'The target must be `process` or a container.',
  )
}

function changedPairs(pairs: readonly RerunPair[]): RerunPairs {
  const isSame = ({ before, after }: RerunPair) =>
    before.measurementDigest === after.measurementDigest
  return {
    pairs: pairs.filter((pair) => !isSame(pair)),
    unchanged: pairs.filter(isSame).map(({ after }) => after.label),
  }
}

/** The target with this version; undefined if exp does not choose the version of its server. */
function targetWith(target: Target, version: string): Target | undefined {
  if (version !== installed) {
    const changed = withVersion(target, version)
    // A container that has the version already stays as it is.
    return changed ?? (target.kind === 'docker' ? target : undefined)
  }
  if (target.kind !== 'process') return target.kind === 'docker' ? target : undefined
  const { version: _, ...others } = target
  return others
}

function withDigest(config: MeasuredConfig): MeasuredConfig {
  return { ...config, measurementDigest: measurementDigest(config) }
}

function measured({ configs }: Experiment): readonly MeasuredConfig[] {
  return configs.filter((config) => config.kind === 'measured')
}

/** @param named keys of configs, or of configs with levels of a load; empty for all */
function chosenConfigs(
  experiment: Experiment,
  named: readonly string[],
): readonly MeasuredConfig[] {
  const configs = measured(experiment)
  const keys = configs.map(({ key }) => key)
  const levelsOf = (key: string) => experiment.series?.find((each) => each.key === key)?.levels
  const only = named.flatMap((key) => levelsOf(key)?.map(({ config }) => config) ?? [key])
  for (const key of only)
    if (!keys.includes(key))
      throw new ExpError(
        'invalid-input',
        `no measured config is named \`${key}\``,
        didYouMean(key, keys, `configs: ${keys.join(', ')}`),
      )
  return only.length === 0 ? configs : configs.filter(({ key }) => only.includes(key))
}

export interface RerunTexts {
  readonly title: string
  /** The label of a config on one side. */
  readonly label: (config: string, side: string) => string
  readonly statement: (config: string) => string
}

/**
 * The experiment of a rerun. Each config is compared with itself before the change; its hypothesis has its key as id.
 * @param loss the largest loss that is accepted, as in `--loss 3%`
 * @throws ExpError `invalid-input` for a loss that the metric cannot have
 */
export function rerunExperiment(
  now: Experiment,
  pairs: readonly RerunPair[],
  metric: Metric,
  loss: string,
  sides: SideNames,
  texts: RerunTexts,
): Experiment {
  const { texts: _t, series: _s, search: _c, grid: _g, baseline: _b, rankBy: _r, ...kept } = now
  return {
    ...kept,
    title: texts.title,
    configs: pairs.flatMap(({ before, after }) => {
      const { key, label } = after
      const { from: _from, ...base } = before
      return [
        { ...base, key: `${key}-before`, label: texts.label(label, sides.before), group: label },
        { ...after, from: `${key}-before`, label: texts.label(label, sides.after), group: label },
      ]
    }),
    hypotheses: pairs.map(({ after }) =>
      lossClaim(after.key, metric, loss, texts.statement(after.label)),
    ),
    ...(metric.change === 'ratio' ? { rankBy: metric.id } : {}),
  }
}

function lossClaim(key: string, metric: Metric, loss: string, statement: string): Hypothesis {
  const amount = parseAmount(loss)
  const read = isRead(amount) ? claimAmount(amount.value, 'change', metric) : amount
  if (!isRead(read))
    throw new ExpError('invalid-input', `\`--loss ${loss}\`: ${read.message}`, 'Write `--loss 3%`.')
  if (read.value < 0 || metric.direction === 'neither')
    throw new ExpError(
      'invalid-input',
      read.value < 0 ? `\`--loss ${loss}\` is negative` : `${metric.id} has no better direction`,
      'Write `--loss 3%`, and a metric of which more or less is better.',
    )
  const threshold =
    metric.direction === 'higher'
      ? { comparator: '>=' as const, value: -read.value, text: `>= -${loss}` }
      : { comparator: '<=' as const, value: read.value, text: `<= ${loss}` }
  return {
    id: key,
    statement,
    gate: true,
    claim: { metric: metric.id, config: key, versus: `${key}-before`, kind: 'change', threshold },
  }
}
