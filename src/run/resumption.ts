/** Finds the run that `exp run --resume` completes, and which of its trials are missing. Pure. */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { TrialHeader } from '../results/record.ts'
import { plannedRounds, runOrder } from '../results/runs.ts'
import type { TrialListing } from '../results/store.ts'

/** The run to complete. Its seed gives the same order of trials again. */
export interface Resumption {
  readonly run: string
  readonly seed: number
  /** Absent in earlier formats of results. */
  readonly sequence?: number
  /** The number of rounds of a complete run: from `--rounds` if it was given, else from the file. */
  readonly rounds: number
  /** The largest number of rounds planned so far. A larger number adds rounds to the run. */
  readonly largestPlannedRounds: number
  /** The highest `look` of its trials. */
  readonly look: number
  readonly standIn: boolean
  /** True if the run needs no trial for this round of this config. */
  readonly isDone: (config: string, round: number) => boolean
}

export interface ResumeOptions {
  /** Ids of dropped runs. */
  readonly dropped: ReadonlySet<string>
  readonly tool: TrialHeader['tool']
  readonly machine: TrialHeader['host']
  /** True if failed and skipped trials are to be measured again, too. */
  readonly retryFailed: boolean
}

/**
 * The newest run of the experiment that was not dropped.
 * @throws ExpError `invalid-input` if there is none, or if its results must not be mixed with new ones because the
 *   definition, the program or the machine has changed
 */
export function resumptionOf(
  experiment: Experiment,
  listings: readonly TrialListing[],
  { dropped, tool, machine, retryFailed }: ResumeOptions,
): Resumption {
  const candidates = listings.filter(
    ({ header }) => header.side === undefined && !dropped.has(header.run),
  )
  const run = candidates
    .map(({ header }) => header.run)
    .sort(runOrder(listings).compare)
    .at(-1)
  const trials = candidates.filter(({ header }) => header.run === run)
  const first = trials[0]?.header
  if (run === undefined || first === undefined)
    throw new ExpError(
      'invalid-input',
      'there is no run to resume',
      'Start one: `exp run` without `--resume`.',
    )
  assertMixable(experiment, trials, tool, machine)
  const done = new Set(
    trials.flatMap(({ header, end }) => {
      if (header.search === true) return []
      const isDone = end?.outcome === 'ended' || (!retryFailed && end !== undefined)
      return isDone ? [`${currentKeyOf(header, experiment) ?? ''} ${header.round}`] : []
    }),
  )
  // With `until`, the run may be complete before its last planned round.
  const stoppedAtRound =
    trials.find(({ end }) => end?.stoppedAtRound !== undefined)?.end?.stoppedAtRound ?? Infinity
  return {
    run,
    seed: first.seed,
    ...(first.sequence === undefined ? {} : { sequence: first.sequence }),
    rounds: plannedRounds(trials, experiment.rounds),
    largestPlannedRounds: Math.max(...trials.map(({ header }) => header.rounds)),
    look: Math.max(...trials.map(({ header }) => header.look ?? 1)),
    standIn: trials.some(({ header }) => header.target.standIn),
    isDone: (config, round) => round > stoppedAtRound || done.has(`${config} ${round}`),
  }
}

/** The key of the config that now has the trial's measurement digest. It differs from the stored key after a rename. */
function currentKeyOf(
  { config: storedKey, measurementDigest }: TrialHeader,
  { configs }: Experiment,
): string | undefined {
  const matches = configs.filter((config) => config.measurementDigest === measurementDigest)
  return (matches.find(({ key }) => key === storedKey) ?? matches[0])?.key
}

function assertMixable(
  experiment: Experiment,
  trials: readonly TrialListing[],
  tool: TrialHeader['tool'],
  machine: TrialHeader['host'],
): void {
  const keys = new Set(experiment.configs.map(({ key }) => key))
  for (const { header } of trials) {
    const why =
      keys.has(header.config) && currentKeyOf(header, experiment) === undefined
        ? `the definition of \`${header.config}\` has changed since`
        : header.tool.version !== tool.version
          ? `it was measured by version ${header.tool.version} of this program, and this is version ${tool.version}`
          : header.host.id !== machine.id
            ? 'it was measured on another machine'
            : undefined
    if (why !== undefined)
      throw new ExpError(
        'invalid-input',
        `run ${header.run} cannot be resumed: ${why}`,
        'Start a new run: `exp run` without `--resume`.',
      )
  }
}
