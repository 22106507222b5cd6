/** The grid of a new experiment: several settings, each with its values, over one server. */
import type { WrittenConfig, WrittenExperiment } from '../experiment/schema/written-experiment.ts'
import { ExpError } from '../errors/exp-error.ts'
import type { Choices, Variation } from './choices.ts'

export interface NewGrid {
  readonly base: WrittenConfig
  readonly vary: NonNullable<WrittenExperiment['vary']>
  /** The names of the factors, as `vary` has them, with their values. */
  readonly factors: readonly { readonly name: string; readonly values: Variation['written'] }[]
}

/** The key of the config from which all cells inherit the settings that are not varied. */
export const baseKey = 'base'

/** The largest number of combinations that a file may have without `maxConfigs`. */
const maxCells = 24

/**
 * The grid if at least two settings are varied on one server, or else undefined. The report of a grid shows the effect
 * of each setting.
 * @throws ExpError `invalid-input` if there are too many combinations
 */
export function newGrid({
  models,
  servers,
  placedModels,
  variations,
  env,
}: Choices): NewGrid | undefined {
  if (placedModels !== undefined) return undefined
  const [server, ...otherServers] = servers
  const model = { name: 'model', values: models }
  const factors = [
    ...(models.length > 1 ? [model] : []),
    ...variations.map(({ setting, written }) => ({ name: setting, values: written })),
  ]
  if (server === undefined || otherServers.length > 0 || factors.length < 2) return undefined
  const base = server.apply(Object.keys(env).length === 0 ? {} : { env })
  const versions = variations.find(({ kind }) => kind === 'version')
  if (versions !== undefined && base.target !== 'process') return undefined
  const count = factors.reduce((product, { values }) => product * values.length, 1)
  if (count > maxCells)
    throw new ExpError(
      'invalid-input',
      `these values make ${count} configs, and at most ${maxCells} are compared at once`,
      'Compare fewer values.',
    )
  const levels = (kind: Variation['kind']) =>
    Object.fromEntries(
      variations
        .filter((variation) => variation.kind === kind)
        .map(({ setting, written }) => [setting, [...written]]),
    )
  const [variables, options, loads] = [levels('variable'), levels('option'), levels('load')]
  return {
    base: { label: server.label, ...base },
    vary: {
      base: baseKey,
      ...(models.length > 1 ? { model: [...models] } : {}),
      ...(versions === undefined ? {} : { target: { version: [...versions.written] } }),
      ...(Object.keys(variables).length === 0 ? {} : { env: variables }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
      ...(Object.keys(loads).length === 0 ? {} : { load: loads }),
      ...excluded(variables[slotsVariable], loads['users']),
    },
    factors,
  }
}

const slotsVariable = 'OLLAMA_NUM_PARALLEL'

/** The combinations with more slots than users, whose extra slots would stay idle. */
function excluded(
  slots: Variation['written'] = [],
  users: Variation['written'] = [],
): Pick<NewGrid['vary'], 'exclude'> {
  const idle = slots.flatMap((slot) =>
    users
      .filter((user) => Number(user) < Number(slot))
      .map((user) => ({ [slotsVariable]: slot, users: user })),
  )
  return idle.length === 0 ? {} : { exclude: idle }
}
