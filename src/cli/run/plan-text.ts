/** The plan of a run as it is printed before anything is measured. Plain text. */
import type { Load } from '../../experiment/experiment.ts'
import type { Placement } from '../../run/preflight.ts'
import type { PreparedRun } from '../../run/run.ts'
import { durationText } from '../../format/number.ts'

/** @param estimateMs of the whole run; absent for a dry run, which probes nothing */
export function planText(prepared: PreparedRun, estimateMs: number | undefined): string {
  const { experiment, placements, rounds, trials, splitPairs, onOtherHosts, notes } = prepared
  const width = Math.max(...placements.map(({ config }) => config.key.length))
  const lines = [
    `${experiment.id}: ${placements.length} configs, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${trials.length} trials${estimateMs === undefined ? '' : `, about ${durationText(estimateMs)}`}`,
    ...placements.map(
      (placement) => `  ${placement.config.key.padEnd(width)}  ${placementText(placement)}`,
    ),
    `  order: ${orderText(prepared)}`,
    ...onOtherHosts.map(
      ({ key, host }) => `  ${key} belongs to the machine \`${host ?? ''}\` and stays pending here`,
    ),
    ...splitPairs.map(
      ([config, versus]) =>
        `  parted: ${config} is compared with ${versus}, and only one of them is measured now`,
    ),
    ...notes.map((note) => `  note: ${note}`),
  ]
  return `${lines.join('\n')}\n`
}

function placementText({ config, requestedKind, standIn, skip }: Placement): string {
  if (skip !== undefined) return `${requestedKind}: left out, ${skip}`
  return `${standIn ? `embedded engine in place of ${requestedKind}` : requestedKind}, ${loadText(config.workload.load)}`
}

function loadText(load: Load): string {
  switch (load.kind) {
    case 'closed-duration':
      return `${load.users} users for ${durationText(load.durationMs)}, at least ${load.atLeast} requests`
    case 'closed-requests':
      return `${load.users} users, ${load.requests} requests`
    case 'open':
      return `${load.ratePerSecond} requests/s for ${durationText(load.durationMs)}`
  }
}

/** The first two rounds: every further one repeats them. */
function orderText({ trials, rounds }: PreparedRun): string {
  const round = (number: number) =>
    trials.flatMap((trial) => (trial.round === number ? [trial.config] : [])).join(', ')
  if (rounds === 1) return round(1)
  return `${round(1)}; then ${round(2)}${rounds > 2 ? '; and so on in turn' : ''}`
}
