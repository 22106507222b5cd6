/**
 * Preflight: which of the experiment's targets can be had on this machine, and what takes the place of those
 * that cannot. Finds out before anything is measured, and leaves nothing behind.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { standInKind, type TargetKind } from '../experiment/target-kinds.ts'
import type { TargetDriver } from '../targets/target.ts'

/** A config with the driver that will bring its server up. */
export interface Placement {
  readonly config: MeasuredConfig
  readonly driver: TargetDriver
  readonly requestedKind: TargetKind
  readonly standIn: boolean
  /** Why what was asked for cannot be had; with `standIn`. */
  readonly why?: string
  /** Why its trials are left out, by `whenUnavailable: skip`. */
  readonly skip?: string
}

export interface Preflight {
  readonly placements: readonly Placement[]
  /** The whole run is on the embedded engine in the place of what was asked for. */
  readonly standIn: boolean
  /** Sentences for people. */
  readonly notes: readonly string[]
}

export interface PreflightDeps {
  readonly driver: (kind: TargetKind) => TargetDriver
  /** The experiment has results of its real targets in use: stand-ins must not come beside them. */
  readonly hasRealResults: boolean
  readonly signal: AbortSignal
}

/** @throws ExpError `environment` where a target cannot be had and nothing may take its place */
export async function preflight(
  configs: readonly MeasuredConfig[],
  whenUnavailable: Experiment['whenUnavailable'],
  { driver, hasRealResults, signal }: PreflightDeps,
): Promise<Preflight> {
  const placements: Placement[] = []
  const lacking: { config: MeasuredConfig; why: string; fix: string }[] = []
  const notes: string[] = []
  for (const config of configs) {
    const asked = driver(config.target.kind)
    const availability = await asked.check(config, signal)
    if (availability.available) {
      placements.push({ config, driver: asked, requestedKind: asked.kind, standIn: false })
      notes.push(...availability.notes)
    } else lacking.push({ config, ...availability })
  }
  const found = { placements, standIn: false, notes: unique(notes) }
  if (lacking.length === 0) return found
  if (whenUnavailable === 'skip' && placements.length > 0)
    return {
      ...found,
      placements: [
        ...placements,
        ...lacking.map(({ config, why }) => skipped(config, why, driver)),
      ],
    }
  if (whenUnavailable !== standInKind)
    throw unavailable(lacking, 'This experiment says `whenUnavailable: ' + whenUnavailable + '`.')
  if (hasRealResults)
    throw unavailable(
      lacking,
      'The experiment has results of its real targets, and a stand-in never comes beside them.',
    )
  return onEmbeddedEngine(
    configs,
    driver,
    new Map(lacking.map(({ config, why }) => [config.key, why])),
    signal,
  )
}

/** Every config on the embedded engine, those too whose own target could be had: the two never mix. */
async function onEmbeddedEngine(
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
      throw unavailable([{ config, ...availability }], 'The embedded engine was to stand in.')
    const standIn = config.target.kind !== standInKind
    const why = reasons.get(config.key) ?? 'another config of the run cannot be had here'
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

function skipped(config: MeasuredConfig, why: string, driver: PreflightDeps['driver']): Placement {
  const { kind } = config.target
  return { config, driver: driver(kind), requestedKind: kind, standIn: false, skip: why }
}

function unavailable(
  lacking: readonly { config: MeasuredConfig; why: string; fix: string }[],
  rule: string,
): ExpError {
  const lines = lacking.map(({ config, why }) => `  ${config.key}: ${why}`)
  return new ExpError(
    'environment',
    `${lacking.length === 1 ? 'a target' : `${lacking.length} targets`} cannot be had on this machine\n${lines.join('\n')}`,
    `${unique(lacking.map(({ fix }) => fix)).join('\n       ')}\n       ${rule}`,
  )
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
