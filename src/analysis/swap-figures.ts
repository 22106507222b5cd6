/**
 * The cost of reloading the models of a mix: loads, evictions, and the time that requests wait for them.
 */
import { parseJson } from '../json/json.ts'
import type { StoredTrial } from '../results/store.ts'
import { rowsWhere } from './measured-requests.ts'
import type { MeasuredTrial } from './measured-trial.ts'
import { loggedLoads, waitedForLoad } from './request-profile.ts'
import type { TrialFigure } from './trial-summary.ts'
import type { TrialWindow } from './trial-window.ts'

interface SwapInput extends Pick<MeasuredTrial, 'workload' | 'table' | 'sent' | 'ok'> {
  readonly window: TrialWindow
  readonly evidence: StoredTrial['evidence']
}

/** The figure is undefined if the workload of the trial is not a mix. */
const ofMix = (figure: (input: SwapInput) => TrialFigure) => (input: SwapInput) =>
  input.workload?.mix === undefined ? undefined : figure(input)

export const swapFigures = {
  modelLoads: ofMix(modelLoads),
  evictions: ofMix(evictions),
  swapShare: ofMix(swapShare),
}

/** Loads since the server was ready, according to its log. */
function modelLoads({ evidence, sent }: SwapInput): TrialFigure {
  const n = sent.length
  const loads = loggedLoads(evidence)
  return loads === undefined ? { absence: { code: 'no-evidence' }, n } : { value: loads, n }
}

/**
 * Models that left memory since the server was ready: the models in memory then, plus the loads since, minus the models
 * in memory at the end.
 */
function evictions({ evidence, sent }: SwapInput): TrialFigure {
  const n = sent.length
  const loads = loggedLoads(evidence)
  const counts = evidence.flatMap(({ when, facts: { loadedModels } }) => {
    const models: unknown = typeof loadedModels === 'string' ? parseJson(loadedModels) : undefined
    return Array.isArray(models) ? [{ when, count: models.length }] : []
  })
  const before = counts.find(({ when }) => when === 'before')?.count
  const after = counts.findLast(({ when }) => when === 'after')?.count
  if (loads === undefined || before === undefined || after === undefined)
    return { absence: { code: 'no-evidence' }, n }
  return { value: Math.max(0, before + loads - after), n }
}

/**
 * The share of the window, in percent, in which at least one request waited for its model: the union of these waits. A
 * wait begins when the request reaches the server, and is as long as its `load_duration`.
 */
function swapShare({ evidence, table, ok, window: { openMs, closeMs } }: SwapInput): TrialFigure {
  const [loads, totals] = [table.numbers('loadMs'), table.numbers('serverTotalMs')]
  const endAt = table.numbers('endMs')
  const timed = rowsWhere(ok, (row) => !Number.isNaN((loads[row] ?? NaN) + (totals[row] ?? NaN)))
  if (timed.length === 0) return { absence: { code: 'no-evidence' }, n: 0 }
  const waits = [...waitedForLoad({ table, ok: timed }, loggedLoads(evidence))]
    .map((row) => {
      const from = (endAt[row] ?? NaN) - (totals[row] ?? NaN)
      return { from: Math.max(from, openMs), to: Math.min(from + (loads[row] ?? NaN), closeMs) }
    })
    .filter(({ from, to }) => to > from)
    .toSorted((one, other) => one.from - other.from)
  let [waited, reached] = [0, openMs]
  for (const { from, to } of waits) {
    waited += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return { value: (waited / (closeMs - openMs)) * 100, n: timed.length }
}
