/**
 * The runs of an experiment, derived from its stored trials: their order and their rounds.
 *
 * Start times alone do not give the order, because a clock may be set back, and two machines have two clocks. Therefore
 * each run stores a sequence number, one more than the highest that it found. Runs of two branches may have the same
 * number; they are ordered by start, and then by run id. Runs of formats without a sequence number come first.
 */
import type { TrialListing } from './store.ts'

/**
 * True for a trial that belongs to a round: it is neither a side of an A/A run nor a window of a search for a capacity.
 */
export function belongsToRound({ header: { side, search } }: TrialListing): boolean {
  return side === undefined && search !== true
}

export interface RunOrder {
  /** Compares run ids for sorting, oldest first: negative if `one` is older. */
  readonly compare: (one: string, other: string) => number
  /** 0 if the run has no sequence number. */
  readonly sequenceOf: (run: string) => number
}

/** @param listings all stored trials of the experiment, in any order */
export function runOrder(listings: readonly TrialListing[]): RunOrder {
  const places = new Map<string, { readonly sequence: number; readonly start: number }>()
  for (const { header } of listings) {
    const { sequence = 0, start = Infinity } = places.get(header.run) ?? {}
    places.set(header.run, {
      sequence: Math.max(sequence, header.sequence ?? 0),
      start: Math.min(start, Date.parse(header.startedAt)),
    })
  }
  const placeOf = (run: string) => places.get(run) ?? { sequence: 0, start: Infinity }
  return {
    compare: (one, other) => {
      const [a, b] = [placeOf(one), placeOf(other)]
      const byNumbers = a.sequence - b.sequence || a.start - b.start
      return byNumbers || (one < other ? -1 : one > other ? 1 : 0)
    },
    sequenceOf: (run) => placeOf(run).sequence,
  }
}

/**
 * The sequence number of a run that begins now. At most the largest safe integer: if a run from elsewhere has that
 * number already, the start times decide the order.
 */
export function nextSequence(listings: readonly TrialListing[]): number {
  const highest = listings.reduce((max, { header }) => Math.max(max, header.sequence ?? 0), 0)
  return Math.min(highest + 1, Number.MAX_SAFE_INTEGER)
}

/**
 * The number of rounds that a run planned for a config, from the file or from `--rounds`. If the number in the file
 * changes, `--rounds` of earlier runs no longer counts.
 */
export function plannedRounds(trials: readonly TrialListing[], fileRounds: number): number {
  const planned = trials.flatMap(({ header }) =>
    (header.fileRounds ?? header.rounds) === fileRounds ? [header.rounds] : [],
  )
  return planned.length === 0 ? fileRounds : Math.max(...planned)
}

/** By run id, the round at which `until` stopped the run. */
export function stoppingRounds(trials: readonly TrialListing[]): ReadonlyMap<string, number> {
  return new Map(
    trials.flatMap(({ header, end }) =>
      end?.stoppedAtRound === undefined ? [] : [[header.run, end.stoppedAtRound] as const],
    ),
  )
}
