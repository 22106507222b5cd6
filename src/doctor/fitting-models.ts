/**
 * Lists the slots and contexts with which installed models fit into this machine's memory, with commands to try them.
 */
import { gibibytes } from '../format/number.ts'
import { forShell, listed } from '../errors/quote.ts'
import type { DoctorFinding } from './finding.ts'
import { memoryEstimate, shapeOf, type ModelShape } from './memory-estimate.ts'

export interface InstalledModel {
  readonly name: string
  /** Bytes of its file. */
  readonly sizeBytes: number
  /** The `model_info` of `/api/show`; undefined if the server did not describe it. */
  readonly info: Readonly<Record<string, unknown>> | undefined
}

/** The memory that a model has to fit into, or the reason why it is not known. */
export type MemoryBudget = { readonly bytes: number } | { readonly unknown: string }

/** At most this many are listed. */
export const maxModels = 5
const slotsTried = [1, 2, 4, 8, 16]
const contextsTried = [4096, 8192, 16_384, 32_768, 65_536, 131_072]

/** A finding for each model. The sizes are computed as Ollama computes them, not measured. */
export function fittingModels(
  models: readonly InstalledModel[],
  budget: MemoryBudget,
): readonly DoctorFinding[] {
  const findings = models.slice(0, maxModels).map((model) => findingFor(model, budget))
  const more = models.length - maxModels
  if (more <= 0) return findings
  return [
    ...findings,
    { what: 'fits', state: 'info', detail: `${more} more models are not listed` },
  ]
}

function findingFor(
  { name, sizeBytes, info }: InstalledModel,
  budget: MemoryBudget,
): DoctorFinding {
  const what = `fits: ${listed([name])}`
  const unknown = (why: string): DoctorFinding => ({
    what,
    state: 'info',
    detail: `no estimate: ${why}`,
  })
  if ('unknown' in budget) return unknown(budget.unknown)
  if (info === undefined) return unknown('the server does not describe it')
  const shape = shapeOf(info, sizeBytes)
  if ('unknown' in shape) return unknown(shape.unknown)
  const fitting = contextsOf(shape).flatMap((context) => {
    const slots = slotsTried.filter(
      (each) => memoryEstimate(shape, { slots: each, context }) <= budget.bytes,
    )
    const maxSlots = slots.at(-1)
    return maxSlots === undefined ? [] : [{ context, slots: maxSlots }]
  })
  const [smallest] = fitting
  const largest = fitting.at(-1)
  if (smallest === undefined || largest === undefined)
    return {
      what,
      state: 'info',
      detail: `one slot of ${contextsOf(shape)[0] ?? 0} tokens takes ${sizeText(shape, 1, contextsOf(shape)[0] ?? 0)}, more than the ${gibibytes(budget.bytes)} that are free`,
    }
  const parts = fitting.map(
    ({ context, slots }) =>
      `${slots === slotsTried.at(-1) ? `${slots} or more` : slots} × ${context} (${sizeText(shape, slots, context)})`,
  )
  return {
    what,
    state: 'info',
    detail: `slots × context that fit in ${gibibytes(budget.bytes)} of free memory, by Ollama's own estimate of weights and cache: ${parts.join(', ')}`,
    tries: commandsToTry(name, smallest, largest),
  }
}

/** The contexts up to the one that the model was trained for. */
function contextsOf({ trainedContext }: ModelShape): readonly number[] {
  const within = contextsTried.filter((context) => context <= trainedContext)
  return within.length === 0 ? [trainedContext] : within
}

function sizeText(shape: ModelShape, slots: number, context: number): string {
  return gibibytes(memoryEstimate(shape, { slots, context }))
}

interface Fitting {
  readonly context: number
  readonly slots: number
}

/** Commands that compare settings which fit. Which setting is better, only the measurement shows. */
function commandsToTry(name: string, smallest: Fitting, largest: Fitting): readonly string[] {
  const compare = `exp compare ${forShell(name)}`
  // More than eight slots need more users than one machine usually has.
  const slots = Math.min(smallest.slots, 8)
  return [
    ...(slots > 1 ? [`${compare} --vary OLLAMA_NUM_PARALLEL=1,${slots} --users ${slots}`] : []),
    ...(largest.context > smallest.context
      ? [`${compare} --vary num_ctx=${smallest.context},${largest.context}`]
      : []),
  ]
}
