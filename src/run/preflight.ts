/**
 * Checks which targets are available on this machine, and decides what replaces the others, before anything is
 * measured. Leaves nothing running.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { standInKind, type TargetKind } from '../experiment/target-kinds.ts'
import type { ServerMachine, TargetDriver } from '../targets/target.ts'

/** A config with the driver that will start its server. */
export interface Placement {
  readonly config: MeasuredConfig
  readonly driver: TargetDriver
  /** The kind of target that the experiment file requests. */
  readonly requestedKind: TargetKind
  readonly standIn: boolean
  /** The machine of the server. Absent if it is this machine. */
  readonly machine?: ServerMachine
  /** Why the requested target is not available; only with `standIn`. */
  readonly why?: string
  /** Why the trials of the config are skipped (`whenUnavailable: skip`). */
  readonly skipReason?: string
}

export interface Preflight {
  readonly placements: readonly Placement[]
  /** True if the whole run uses the embedded engine instead of the requested targets. */
  readonly standIn: boolean
  /** Sentences to show to people. */
  readonly notes: readonly string[]
}

export interface PreflightDeps {
  readonly driver: (kind: TargetKind) => TargetDriver
  /** True if results of the requested targets are stored. Stand-in results must not be mixed with them. */
  readonly hasRealResults: boolean
  readonly signal: AbortSignal
}

interface Unavailable {
  readonly config: MeasuredConfig
  readonly why: string
  readonly fix: string
}

/** @throws ExpError `environment` if a target is not available and nothing may replace it */
export async function preflight(
  configs: readonly MeasuredConfig[],
  whenUnavailable: Experiment['whenUnavailable'],
  { driver, hasRealResults, signal }: PreflightDeps,
): Promise<Preflight> {
  const placements: Placement[] = []
  const unavailable: Unavailable[] = []
  const notes: string[] = []
  for (const config of configs) {
    const requested = driver(config.target.kind)
    const availability = await requested.check(config, signal)
    if (availability.available) {
      placements.push({
        config,
        driver: requested,
        requestedKind: requested.kind,
        standIn: false,
        ...(availability.machine !== undefined && { machine: availability.machine }),
      })
      notes.push(...availability.notes)
    } else unavailable.push({ config, ...availability })
  }
  const result = { placements, standIn: false, notes: unique(notes) }
  if (unavailable.length === 0) return result
  if (whenUnavailable === 'skip' && placements.length > 0) {
    const skipped = unavailable.map(({ config, why }) => skippedPlacement(config, why, driver))
    return { ...result, placements: [...placements, ...skipped] }
  }
  if (whenUnavailable !== standInKind)
    throw unavailableError(
      unavailable,
      whenUnavailable === 'fail' ? undefined : '`whenUnavailable: skip` cannot skip all of them.',
    )
  if (hasRealResults)
    throw unavailableError(
      unavailable,
      'The experiment has results of its real targets, and stand-in results must not be mixed with them.',
    )
  return useEmbeddedEngine(
    configs,
    driver,
    new Map(unavailable.map(({ config, why }) => [config.key, why])),
    signal,
  )
}

/** Places all configs on the embedded engine, even if some targets are available: results must not be mixed. */
async function useEmbeddedEngine(
  configs: readonly MeasuredConfig[],
  driver: PreflightDeps['driver'],
  reasons: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Preflight> {
  const embedded = driver(standInKind)
  const placements: Placement[] = []
  for (const config of configs) {
    const availability = await embedded.check(config, signal)
    if (!availability.available)
      throw unavailableError(
        [{ config, ...availability }],
        'The experiment has `whenUnavailable: embedded`.',
      )
    const standIn = config.target.kind !== standInKind
    const why = reasons.get(config.key) ?? 'another config of the run is not available here'
    placements.push({
      config,
      driver: embedded,
      requestedKind: config.target.kind,
      standIn,
      ...(standIn ? { why } : {}),
    })
  }
  return { placements, standIn: true, notes: unique([...reasons.values()]) }
}

function skippedPlacement(
  config: MeasuredConfig,
  why: string,
  driver: PreflightDeps['driver'],
): Placement {
  const { kind } = config.target
  return { config, driver: driver(kind), requestedKind: kind, standIn: false, skipReason: why }
}

function unavailableError(unavailable: readonly Unavailable[], rule?: string): ExpError {
  const lines = unique(unavailable.map(({ why }) => why)).map((why) => {
    const keys = unavailable.flatMap((each) => (each.why === why ? [each.config.key] : []))
    return `  ${firstNames(keys)}: ${why}`
  })
  const subject = unavailable.length === 1 ? 'a target is' : `${unavailable.length} targets are`
  return new ExpError(
    'environment',
    [`${subject} not available on this machine`, ...lines],
    [...unique(unavailable.map(({ fix }) => fix)), ...(rule === undefined ? [] : [rule])].join(
      '\n       ',
    ),
  )
}

/** The first names, and how many more there are: the levels and cells of a grid usually share a reason. */
function firstNames(names: readonly string[]): string {
  const others = names.length - maxNamed
  return [...names.slice(0, maxNamed), ...(others > 0 ? [`${others} more`] : [])].join(', ')
}

const maxNamed = 3

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
