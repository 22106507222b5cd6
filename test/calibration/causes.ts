/** How often the diagnosis names a cause of a difference that does not exist, and finds a cause that does. */
import type { Cause } from '../../src/diagnosis/rules.ts'
import {
  busySide,
  partlyOffloaded,
  simulateCauses,
  type CauseSimulation,
} from '../support/simulated-causes.ts'
import { noisyPace } from '../support/noise.ts'
import { diagnosisOf, type Side } from '../diagnosis/support/pairs.ts'
import { delayedOnTheWay } from '../diagnosis/support/request-changes.ts'
import { sourceOf } from './simulated-run.ts'
import { atMost, share, type Row, type Settings, type Table } from './table.ts'

type World = Partial<CauseSimulation>

function simulate(world: World, { experiments, seed }: Settings) {
  return simulateCauses({ rounds: 6, trialSpread: 0.04, ...world, experiments, seed })
}

/** Two configs that do not differ. */
function healthyRow(label: string, world: World, settings: Settings): Row {
  const named = simulate(world, settings).filter(
    ({ proven, critical }) => proven.length + critical.length > 0,
  )
  return {
    label,
    cells: [undefined, undefined, atMost(0.01, { hits: named.length, n: settings.experiments })],
  }
}

/**
 * The requests of both servers are simulated, about 40 a trial. Each trial has its own pace (5 %), and the times per
 * token of consecutive requests are alike.
 * @param planted the cause of a difference, and the side that has it
 */
function requestsRow(
  label: string,
  planted: { readonly cause: Cause; readonly slow: Side } | undefined,
  { experiments, seed }: Settings,
): Row {
  const source = sourceOf(seed)
  const noise = { spread: 0.05, correlation: 0.9, stragglers: 0.02 }
  const side = (own: Side = {}): Side => ({
    ...own,
    server: { windowMs: 2_700, ...own.server },
    round: () => ({
      seed: Math.floor(source.random() * 2 ** 31),
      pace: Math.exp(0.05 * source.normal()),
      decodePace: noisyPace(noise, source),
    }),
  })
  const [found, proven] = [
    { hits: 0, n: experiments },
    { hits: 0, n: experiments },
  ]
  const wrong = share(experiments, () => {
    const pair = { slow: side(planted?.slow), fast: side() }
    const findings = diagnosisOf(pair).explanations.flatMap((each) => each.findings)
    const certainties = findings.flatMap((each) =>
      each.cause === planted?.cause ? [each.certainty] : [],
    )
    if (certainties.some((certainty) => certainty !== 'possible')) found.hits += 1
    if (certainties.includes('proven')) proven.hits += 1
    return findings.some(
      ({ cause, certainty, rank }) =>
        cause !== planted?.cause && (certainty === 'proven' || rank === 'critical'),
    )
  })
  return planted === undefined
    ? { label, cells: [undefined, undefined, atMost(0.01, wrong)] }
    : { label, cells: [found, proven, atMost(0.05, wrong)] }
}

/** @param cause the planted one */
function plantedRow(label: string, cause: Cause, world: World, settings: Settings): Row {
  const all = simulate(world, settings)
  const n = all.length
  const isOther = (each: Cause) => each !== cause
  const count = (is: (named: (typeof all)[number]) => boolean) => {
    return { hits: all.filter(is).length, n }
  }
  return {
    label,
    cells: [
      count(({ found }) => found.includes(cause)),
      count(({ proven }) => proven.includes(cause)),
      atMost(
        0.05,
        count(({ proven, critical }) => [...proven, ...critical].some(isOther)),
      ),
    ],
  }
}

export function causesTable(settings: Settings): Table {
  const healthy = (label: string, world: World) => healthyRow(label, world, settings)
  const longerWait = {
    sides: [{ ...busySide, facts: { slots: 2 } }, busySide],
    planted: { wait: 3 },
  } satisfies World
  const slowCompute = (factor: number) =>
    ({
      sides: [busySide, partlyOffloaded],
      planted: { prefill: factor, decode: factor, wait: factor },
    }) satisfies World
  return {
    title: 'Causes',
    text: [
      'The whole diagnosis, on two configs whose servers wait for slots, load the model at the start and answer through a proxy. Trials and each part of the latency differ by 4 % unless a row says otherwise, the session slows down by 3 %, and 2 % of trials are disturbed.',
      '**Found**: the planted cause is likely or proven. **Proven**: it is proven. **Wrongly named**: a cause that was not planted is proven or ranks as critical.',
    ],
    columns: ['Found', 'Proven', 'Wrongly named'],
    rows: [
      healthy('No difference, 3 rounds', { rounds: 3 }),
      healthy('No difference, 6 rounds', {}),
      healthy('No difference, trials differ by 2 %', { trialSpread: 0.02 }),
      healthy('No difference, trials differ by 8 %', { trialSpread: 0.08 }),
      healthy('No difference, parts of the latency missing in one trial', { missing: 'parts' }),
      healthy('No difference, partial offload on one side that costs nothing', {
        sides: [busySide, partlyOffloaded],
      }),
      healthy('No difference, one side from a document', { missing: 'recorded' }),
      requestsRow('No difference, simulated requests', undefined, settings),
      plantedRow('3 times the wait, 1 slot instead of 2', 'slots', longerWait, settings),
      ...[1.05, 1.1, 1.2, 1.5].map((factor) =>
        plantedRow(
          `Partial offload: compute ${((factor - 1) * 100).toFixed(0)} % slower`,
          'partial-offload',
          slowCompute(factor),
          settings,
        ),
      ),
      requestsRow(
        'Simulated requests of 3 users: 1 slot instead of 4',
        { cause: 'slots', slow: { facts: { slots: 1 }, server: { slots: 1 } } },
        settings,
      ),
      requestsRow(
        'Simulated requests: a proxy adds 60 ms, a quarter of the latency',
        { cause: 'outside', slow: { server: { alter: delayedOnTheWay(60) } } },
        settings,
      ),
    ],
  }
}
