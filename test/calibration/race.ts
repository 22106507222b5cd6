/**
 * How often a race between settings is right, what it costs, and how often the gain that it confirms holds: fifty
 * machines whose truth is known.
 */
import { raceOf, roundsPerLook, type Race } from '../../src/analysis/race/race.ts'
import type { RaceTrial } from '../../src/analysis/race/race-rules.ts'
import { confirmationRounds } from '../../src/analysis/race/race-step.ts'
import { leaderOf } from '../../src/analysis/race/tuning-race.ts'
import { raceTrials } from '../../src/run/race-order.ts'
import { orderAdjustedMeanInterval } from '../../src/stats/interval.ts'
import { autocorrelated } from '../support/noise.ts'
import { sourceOf, type Source } from './simulated-run.ts'
import {
  band,
  behind,
  isGood,
  keys,
  machineOf,
  machines,
  qualityBand,
  reference,
  samples,
  type Machine,
} from './tuned-machine.ts'
import { atLeast, atMost, share, type Row, type Settings, type Table } from './table.ts'

const objectives = [{ kind: 'level' }, { kind: 'quality', band: qualityBand }] as const
/** How many trials the budget pays for, in rounds of all configs. */
const budgetRounds = 10

interface Raced {
  readonly race: Race
  readonly machine: Machine
  /** The trials of race and confirmation. */
  readonly trials: number
  /** The last round of race and confirmation. */
  readonly lastRound: number
  readonly gain?: { readonly low: number; readonly high: number; readonly truth: number }
}

function race(machine: Machine, spread: number, source: Source): Raced {
  const trials: RaceTrial[] = []
  const seed = Math.floor(source.random() * 2 ** 31)
  const budget = budgetRounds * keys.length - confirmationRounds * 2
  const measure = trialsOf(machine, spread, source)
  const rules = { configs: keys, band, reference, objectives }
  let result = raceOf(rules, trials)
  let round = 0
  while (
    result.decision === undefined &&
    trials.length + result.remaining.length * roundsPerLook <= budget
  ) {
    const rounds = { phase: 'race', firstRound: round + 1, lastRound: round + 2 } as const
    for (const trial of raceTrials({ ...rounds, configs: result.remaining }, seed))
      trials.push(measure(trial.config, trial.round))
    round += roundsPerLook
    result = raceOf(rules, trials)
  }
  result = raceOf(rules, trials, true)
  const leader = leaderOf(result)
  const gain =
    leader === undefined || leader === reference
      ? undefined
      : confirmed(machine, leader, round, { measure, seed })
  return {
    race: result,
    machine,
    trials: trials.length + (gain === undefined ? 0 : confirmationRounds * 2),
    lastRound: round + (gain === undefined ? 0 : confirmationRounds),
    ...(gain === undefined ? {} : { gain }),
  }
}

/** Measures a trial: the machine gets warm, consecutive trials are alike, and so are all those of one round. */
function trialsOf(machine: Machine, spread: number, { normal }: Source) {
  const noise = autocorrelated(normal, 0.3)
  // At temperature 0, a sample has the same answer in every trial.
  const scores = new Map(
    [...machine.quality].map(([config, quality]) => [
      config,
      {
        scores: new Map(
          Array.from({ length: samples }, (_, sample) => [
            String(sample),
            Number(sample < Math.round(quality * samples)),
          ]),
        ),
      },
    ]),
  )
  let done = 0
  return (config: string, round: number): RaceTrial => {
    const warmth = machine.drift * (1 - Math.exp(-done / machine.warmAfter))
    done += 1
    const own = machine.spread.get(config) ?? 1
    const value = (machine.truth.get(config) ?? 0) + spread * own * noise() - warmth
    const distance = (machine.distance.get(config) ?? 0) + spread * own * 1.5 * normal() - warmth
    return { config, round, value, measures: [distance, scores.get(config)] }
  }
}

function confirmed(
  machine: Machine,
  leader: string,
  raceRounds: number,
  { measure, seed }: { readonly measure: ReturnType<typeof trialsOf>; readonly seed: number },
) {
  const trials = raceTrials(
    {
      phase: 'confirmation',
      firstRound: raceRounds + 1,
      lastRound: raceRounds + confirmationRounds,
      configs: [reference, leader],
    },
    seed,
  ).map(({ config, round }) => measure(config, round))
  const rounds = [...new Set(trials.map(({ round }) => round))].map((round) =>
    trials.filter((each) => each.round === round),
  )
  const differences = rounds.map((ofRound) => {
    const valueOf = (key: string) => ofRound.find(({ config }) => config === key)?.value ?? NaN
    return valueOf(leader) - valueOf(reference)
  })
  const orders = rounds.map(([first]) => (first?.config === leader ? -1 : 1))
  const interval = orderAdjustedMeanInterval(differences, orders, 0.95)
  const truth = (machine.truth.get(leader) ?? 0) - (machine.truth.get(reference) ?? 0)
  return interval === undefined ? undefined : { ...interval, truth }
}

/** True if the race names a config that meets the objectives and is within the band of the best, or names none. */
function isRight({ race, machine }: Raced): boolean {
  if (race.decision === undefined) return true
  const leader = leaderOf(race)
  return leader !== undefined && isGood(machine, leader) && behind(machine, leader) <= band
}

function hasFalseDrop({ race: { eliminations }, machine }: Raced): boolean {
  return eliminations.some(
    ({ config }) => isGood(machine, config) && behind(machine, config) <= band,
  )
}

function rowOf(
  label: string,
  spread: number,
  lead: number | undefined,
  { experiments, seed }: Settings,
): Row {
  const races = Array.from({ length: experiments }, (_, index) =>
    race(machineOf(index % machines, lead), spread, sourceOf(seed * 50_021 + index)),
  )
  const gains = races.flatMap(({ gain }) => gain ?? [])
  const of = (happens: (each: Raced) => boolean) =>
    share(experiments, (index) => {
      const each = races[index]
      return each !== undefined && happens(each)
    })
  const total = (count: (each: Raced) => number) =>
    races.reduce((sum, each) => sum + count(each), 0)
  const cost = {
    hits: total(({ trials }) => trials),
    n: total(({ lastRound }) => lastRound * keys.length),
  }
  const ofBudget = { hits: cost.hits, n: experiments * budgetRounds * keys.length }
  const covered = share(gains.length, (index) => {
    const gain = gains[index]
    return gain !== undefined && gain.low <= gain.truth && gain.truth <= gain.high
  })
  return {
    label,
    cells: [
      atLeast(0.95, of(isRight)),
      of(({ race: { decision } }) => decision === undefined),
      atMost(0.05, of(hasFalseDrop)),
      atLeast(0.93, covered),
      lead !== undefined && spread === 0.02 ? atMost(1 / 3, cost) : cost,
      ofBudget,
    ],
  }
}

export function raceTable(settings: Settings): Table {
  const row = (spread: number, lead?: number) =>
    rowOf(
      `trials differ by ${(spread * 100).toFixed(0)} %${lead === undefined ? '' : ', the best leads by 10 %'}`,
      spread,
      lead,
      settings,
    )
  const leading = Math.log(1.1)
  return {
    title: 'A race between settings',
    text: [
      `${machines} machines with 18 settings each: three numbers of slots, three of threads, two types of cache. Slots and threads help together only up to eight; a third of the machines have a fast cache that spoils answers, a quarter answer too late with four slots, and a fifth have two winners that are alike. A machine gets up to 8 % slower until it is warm, consecutive trials are alike (correlation 0.3), and some settings vary twice as much as others. A difference of 3 % is ignored. The budget pays for ${budgetRounds} rounds of all settings; ${confirmationRounds} rounds of the winner against the default are reserved for the confirmation.`,
      '**Right**: the race names a setting that meets the objectives and is within 3 % of the best of those that do, or says that it cannot tell. **Cannot tell**: the races that say so. **False drops**: the races that eliminate a setting which meets the objectives and is within 3 % of the best. **Gain covered**: the 95 % interval of the confirmation contains the true gain of the leader over the default; it should be 93 to 97 %. **Of the grid**: trials of race and confirmation, as a share of those of the full grid of the same last round: every setting in as many rounds as the winner and the default ran in, those of the confirmation included. The grid thus measures all settings as often as the race measures the two that matter. If every race ended at its first look, the share would be a third: two rounds of 18 settings and 12 trials of the confirmation, of 8 rounds of 18. **Of the budget**: the same trials, as a share of those that the budget pays for.',
    ],
    columns: [
      'Right',
      'Cannot tell',
      'False drops',
      'Gain covered',
      'Of the grid',
      'Of the budget',
    ],
    rows: [
      ...[0.02, 0.05, 0.08].map((spread) => row(spread)),
      ...[0.02, 0.05, 0.08].map((spread) => row(spread, leading)),
    ],
  }
}
