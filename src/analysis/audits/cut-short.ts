/** Audits whether both sides of a comparison have the same share of answers that were cut off at a length limit. */
import type { Config } from '../../experiment/experiment.ts'
import { sum } from '../measured-requests.ts'
import {
  sampleShareDifference,
  shareDifference,
  type ShareDifference,
  type TrialSamples,
  type TrialShare,
} from '../share-difference.ts'
import type { TrialSummary } from '../trial-summary.ts'
import { isFinding, type AuditOutcome, type ConfigAudit } from './audit.ts'

interface Side {
  readonly config: Config
  readonly ended: readonly TrialSummary[]
}

const outcomes: Readonly<Record<ShareDifference['kind'], AuditOutcome>> = {
  alike: 'pass',
  unclear: 'warn',
  different: 'fail',
}

/** @param base the config that the side is compared with; without one, the audit passes */
export function cutShort(side: Side, base: Side | undefined): ConfigAudit | undefined {
  const { ended } = side
  if (ended.length === 0) return undefined
  const cut = cutAnswers(ended)
  const baseCut = base && cutAnswers(base.ended)
  const difference = base && cutShareDifference(base, side)
  const outcome = outcomeOf(cut, base, difference)
  const numbers = {
    ...cut,
    ...(base && baseCut ? { base: base.config.key, basePercent: baseCut.percent } : {}),
    ...(difference?.kind === 'unclear' ? { reachPoints: difference.reach } : {}),
  }
  const rounds = ended.map(({ header }) => header.round)
  return {
    id: 'cutShort',
    outcome,
    numbers,
    checked: outcome === 'unchecked' ? 0 : rounds.length,
    found: isFinding(outcome) ? rounds.length : 0,
    rounds: rounds.map((round) => ({ id: 'cutShort', round, outcome, numbers })),
  }
}

function outcomeOf(
  cut: object | undefined,
  base: Side | undefined,
  difference: ShareDifference | undefined,
): AuditOutcome {
  if (cut === undefined || (base !== undefined && difference === undefined)) return 'unchecked'
  return difference === undefined ? 'pass' : outcomes[difference.kind]
}

/**
 * The difference of the shares of answers cut off. At temperature 0 the answers to a sample are the same each time, so
 * samples are compared, not requests. `undefined` if no server of a side reported why answers ended.
 */
export function cutShareDifference(from: Side, to: Side): ShareDifference | undefined {
  const [one, other] = [from.config, to.config]
  const isSameDataset =
    one.kind === 'recorded' ||
    other.kind === 'recorded' ||
    one.dataset.digest === other.dataset.digest
  const isRepeatable =
    isSameDataset && [one, other].every(({ options }) => options['temperature'] === 0)
  return (
    (isRepeatable
      ? sampleShareDifference(cutBySample(from.ended), cutBySample(to.ended))
      : undefined) ?? shareDifference(cutShares(from.ended), cutShares(to.ended))
  )
}

function cutAnswers(trials: readonly TrialSummary[]) {
  const shares = cutShares(trials)
  const [cut, whole] = [sum(shares.map(({ part }) => part)), sum(shares.map((each) => each.whole))]
  return whole === 0 ? undefined : { cut, whole, percent: (cut / whole) * 100 }
}

/** Leaves out trials whose server did not report why answers ended. */
function cutShares(trials: readonly TrialSummary[]): readonly TrialShare[] {
  return trials.flatMap(({ header: { run, round }, tallies: { doneReasons } }) => {
    const whole = sum([...doneReasons.values()])
    return whole === 0 ? [] : [{ run, round, part: doneReasons.get('length') ?? 0, whole }]
  })
}

function cutBySample(trials: readonly TrialSummary[]): readonly TrialSamples[] {
  return trials.map(({ header: { run, round }, tallies }) => {
    return { run, round, samples: tallies.cutBySample }
  })
}
