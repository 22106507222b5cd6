/** What a run that was cut off still lacks. Pure. */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { TrialHeader } from '../results/record.ts'
import type { TrialListing } from '../results/store.ts'

/** The run to complete: its id, the seed that its order came from, and what it has already. */
export interface Resumption {
  readonly run: string
  readonly seed: number
  readonly rounds: number
  readonly standIn: boolean
  /** Whether the run has this round of this config. */
  readonly has: (config: string, round: number) => boolean
}

/**
 * The newest run of this definition, dropped ones left out.
 * @throws ExpError `invalid-input` where there is none, or where it was measured by a program or for a definition
 *   whose results must not be mixed with what would be measured now
 */
export function resumptionOf(
  experiment: Experiment,
  listings: readonly TrialListing[],
  { dropped, tool, machine, retryFailed }: ResumeOptions,
): Resumption {
  const ours = listings.filter(
    ({ header }) => header.side === undefined && !dropped.has(header.run),
  )
  const newest = ours.reduce<string | undefined>(
    (latest, { header }) => (latest === undefined || header.run > latest ? header.run : latest),
    undefined,
  )
  const trials = ours.filter(({ header }) => header.run === newest)
  const first = trials[0]?.header
  if (newest === undefined || first === undefined)
    throw new ExpError(
      'invalid-input',
      'there is no run to resume',
      'Measure one: `exp run` without `--resume`.',
    )
  refuseMixture(experiment, trials, tool, machine)
  const done = new Set(
    trials.flatMap(({ header, end }) => {
      const counts = end?.outcome === 'ended' || (!retryFailed && end !== undefined)
      return counts ? [`${ownerOf(header, experiment) ?? ''} ${header.round}`] : []
    }),
  )
  // Under `until` a run may be complete before its last round.
  const last = trials.find(({ end }) => end?.stoppedAtRound !== undefined)?.end?.stoppedAtRound
  return {
    run: newest,
    seed: first.seed,
    rounds: Math.max(...trials.map(({ header }) => header.rounds)),
    standIn: trials.some(({ header }) => header.target.standIn),
    has: (config, round) => round > (last ?? Infinity) || done.has(`${config} ${round}`),
  }
}

export interface ResumeOptions {
  /** Ids of dropped runs. */
  readonly dropped: ReadonlySet<string>
  readonly tool: TrialHeader['tool']
  readonly machine: TrialHeader['host']
  /** Failed and skipped trials are measured again, too. */
  readonly retryFailed: boolean
}

/** Key of the config that a trial belongs to now: what was measured tells, whatever it was called. */
function ownerOf(
  { config, measurementDigest }: TrialHeader,
  { configs }: Experiment,
): string | undefined {
  const same = configs.filter((each) => each.measurementDigest === measurementDigest)
  return (same.find(({ key }) => key === config) ?? same[0])?.key
}

function refuseMixture(
  experiment: Experiment,
  trials: readonly TrialListing[],
  tool: TrialHeader['tool'],
  machine: TrialHeader['host'],
): void {
  const keys = new Set(experiment.configs.map(({ key }) => key))
  for (const { header } of trials) {
    const why =
      keys.has(header.config) && ownerOf(header, experiment) === undefined
        ? `what \`${header.config}\` measures was changed since`
        : header.tool.version !== tool.version
          ? `it was measured by version ${header.tool.version} of this program, and this is ${tool.version}`
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
