/** The plan of a run as plain text, printed before anything is measured. */
import { minRounds } from '../../analysis/figure-interval.ts'
import type { Load } from '../../experiment/load.ts'
import { imageOf, requestedVersion, type Target } from '../../experiment/target-kinds.ts'
import { longestSearch, type CapacitySearch } from '../../experiment/levels/capacity-search.ts'
import { durationText } from '../../format/number.ts'
import type { Placement } from '../../run/preflight.ts'
import type { Estimate } from '../../run/estimate-run.ts'
import type { PreparedRun } from '../../run/run.ts'
import { withoutCredentials, withoutSecrets } from '../../secrets/secrets.ts'
import { counted, indented, type TerminalWords } from '../terminal-words.ts'

/** @param estimateMs the estimated duration of the whole run; undefined for a dry run, which sends no probes */
export function planText(
  prepared: PreparedRun,
  estimateMs: number | undefined,
  words: TerminalWords,
): string {
  const { experiment, placements, trials, halfMeasuredPairs, onOtherHosts, notes } = prepared
  const shown = placements.filter(({ config }) => !isLaterLevel(prepared, config.key))
  const summary = summaryText(prepared, shown.length, words)
  const head =
    estimateMs === undefined
      ? summary
      : words.text(prepared.search === undefined ? 'plan.estimated' : 'plan.atMost', {
          summary,
          duration: durationText(estimateMs),
        })
  const width = Math.max(...shown.map(({ config }) => config.key.length))
  const lines = [
    ...shown.map(
      (placement) => `${placement.config.key.padEnd(width)}  ${placementText(placement, words)}`,
    ),
    ...(trials.length === 0
      ? [words.text('plan.nothingLeft')]
      : experiment.tuning !== undefined || prepared.search !== undefined
        ? []
        : [words.text('plan.order', { order: orderText(prepared, words) })]),
    ...onOtherHosts.map(({ key, host }) =>
      words.text('plan.otherHost', { config: key, host: host ?? '' }),
    ),
    ...halfMeasuredPairs.map(([config, versus]) =>
      words.text('plan.halfMeasuredPair', { config, versus }),
    ),
    ...(isUntested(prepared) ? [words.text('plan.untested', { rounds: minRounds })] : []),
    ...notes.map((note) => words.text('plan.note', { note })),
  ]
  // Placements and notes name models and versions as servers report them.
  return `${head}\n${indented(lines.map(withoutCredentials))}`
}

/** True if the run compares configs in too few rounds for an interval. */
function isUntested({ experiment, placements, search, rounds, trials }: PreparedRun): boolean {
  if (trials.length === 0 || search !== undefined || experiment.tuning !== undefined) return false
  return placements.length > 1 && rounds < minRounds
}

/** True for a level of a search other than the first. The search decides later which of these levels are measured. */
function isLaterLevel({ search, experiment: { series = [] } }: PreparedRun, key: string): boolean {
  return (
    search !== undefined &&
    series.some(({ levels }) => levels.findIndex(({ config }) => config === key) > 0)
  )
}

/** @param configs the number of configs that the plan lists */
function summaryText(prepared: PreparedRun, configs: number, words: TerminalWords): string {
  const { experiment, search, rounds, trials } = prepared
  if (search !== undefined) return searchText(prepared, search, configs, words)
  const { tuning } = experiment
  const common = { experiment: experiment.id, configs: counted('config', configs, words) }
  if (tuning !== undefined)
    return words.text('plan.race', {
      ...{ ...common, metric: tuning.maximize },
      budget: durationText(tuning.budgetMs),
    })
  return words.text('plan.summary', {
    ...common,
    rounds: counted('round', rounds, words),
    trials: counted('trial', trials.length, words),
  })
}

function searchText(
  { experiment, rounds }: PreparedRun,
  search: CapacitySearch,
  configs: number,
  words: TerminalWords,
): string {
  const { windows, confirm } = longestSearch(search)
  return words.text('plan.search', {
    experiment: experiment.id,
    configs: counted('config', configs, words),
    highest: search.of === 'users' ? counted('user', search.upTo, words) : `${search.upTo}/s`,
    windows: windows.length,
    rounds: counted('round', rounds, words),
    levels: confirm.length,
  })
}

/** One line per config that did not answer its probe. */
export function failedProbeLines(
  failedProbes: Estimate['failedProbes'],
  words: TerminalWords,
): readonly string[] {
  return failedProbes.map(({ config, why }) =>
    words.text('plan.failedProbe', { config, reason: withoutSecrets(why) }),
  )
}

function placementText(
  { config, requestedKind, standIn, skipReason, machine }: Placement,
  words: TerminalWords,
): string {
  if (skipReason !== undefined)
    return words.text('plan.skipped', { target: requestedKind, reason: skipReason })
  const kind = standIn
    ? words.text('plan.standIn', { target: requestedKind })
    : kindText(config.target, words)
  const target =
    machine === undefined
      ? kind
      : words.text('plan.onMachine', { target: kind, machine: machine.name, via: machine.via })
  return words.text('plan.target', { target, load: loadText(config.workload.load, words) })
}

/** The kind of a target, with the image or the version that its config names. */
function kindText(target: Target, words: TerminalWords): string {
  const image = imageOf(target)
  if (image !== undefined) return words.text('plan.image', { target: target.kind, image })
  const version = requestedVersion(target)
  return version === undefined
    ? target.kind
    : words.text('plan.version', { target: target.kind, version })
}

function loadText(load: Load, words: TerminalWords): string {
  const text = withPause(load, usersText(load, words), words)
  if (load.kind === 'open' || load.rampMs === undefined) return text
  return load.rampMs === 'auto'
    ? words.text('plan.rampAuto', { load: text })
    : words.text('plan.ramp', { load: text, time: durationText(load.rampMs) })
}

function withPause(load: Load, text: string, words: TerminalWords): string {
  if (load.kind === 'open' || load.pause === undefined) return text
  const { distribution, meanMs } = load.pause
  return words.text(distribution === 'constant' ? 'plan.pause' : 'plan.pauseVaries', {
    load: text,
    time: durationText(meanMs),
  })
}

function usersText(load: Load, words: TerminalWords): string {
  switch (load.kind) {
    case 'closed-duration': {
      const { atLeast } = load
      const values = {
        users: counted('user', load.users, words),
        duration: durationText(load.durationMs),
      }
      if (atLeast === 0) return words.text('plan.closedDuration', values)
      const requests = counted('request', atLeast, words)
      return words.text('plan.closedDurationAtLeast', { ...values, requests })
    }
    case 'closed-requests':
      return words.text('plan.closedRequests', {
        users: counted('user', load.users, words),
        requests: counted('request', load.requests, words),
      })
    case 'open': {
      const duration = durationText(load.durationMs)
      return words.text('plan.open', { rate: load.ratePerSecond, duration })
    }
  }
}

/** The configs of the first two rounds that are left, in order. Further rounds repeat these two orders. */
export function orderText({ trials }: Pick<PreparedRun, 'trials'>, words: TerminalWords): string {
  const rounds = [...new Set(trials.map(({ round }) => round))]
  const [first = '', second] = rounds
    .slice(0, 2)
    .map((number) =>
      trials.flatMap(({ round, config }) => (round === number ? [config] : [])).join(', '),
    )
  if (second === undefined) return first
  return words.text(rounds.length > 2 ? 'plan.moreRounds' : 'plan.twoRounds', { first, second })
}
