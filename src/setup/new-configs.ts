/** The configs of a new experiment: every combination of the values that are compared. */
import { ExpError } from '../errors/exp-error.ts'
import type { Acceptable } from '../experiment/experiment.ts'
import type { WrittenConfig } from '../experiment/schema/written-experiment.ts'
import { canonicalJson } from '../json/json.ts'
import { hasLevelsOrSearch, keyOf, type Choices, type ComparedValue } from './choices.ts'

export interface NewConfig {
  readonly key: string
  readonly label: string
  readonly written: WrittenConfig
}

const maxConfigs = 16
const maxKeyLength = 56

/**
 * The first config has the first value of everything; with levels of users, it may be the only one. The others are
 * based on it, and state only what differs.
 * @throws ExpError `invalid-input` if there is nothing to compare, or too much
 */
export function newConfigs(choices: Choices): readonly [NewConfig, ...NewConfig[]] {
  const combinations = comparedValues(choices).reduce<readonly (readonly ComparedValue[])[]>(
    (sets, values) => sets.flatMap((set) => values.map((value) => [...set, value])),
    [[]],
  )
  if (combinations.length > maxConfigs)
    throw new ExpError(
      'invalid-input',
      `these values make ${combinations.length} configs, and at most ${maxConfigs} are compared at once`,
      'Compare fewer values.',
    )
  const [first, ...others] = withUniqueKeys(combinations).map(({ key, values }) => ({
    key,
    label: values.map(({ label }) => label).join(', '),
    written: values.reduce((config, { apply }) => apply(config), settingsOfAll(choices)),
  }))
  const compared = others.map((config) => ({
    ...config,
    written: {
      from: first?.key ?? '',
      ...differing(config.written, first?.written ?? {}),
      ...acceptedBetween(config.written, first?.written),
    },
  }))
  if (first === undefined || (compared.length === 0 && !hasLevelsOrSearch(choices)))
    throw new ExpError(
      'invalid-input',
      'there is nothing to compare',
      'Name two models, or what to vary: `--vary OLLAMA_NUM_PARALLEL=1,4`, `--on native,docker`, `--users 1,2,4`, `--capacity 32`.',
    )
  return [first, ...compared]
}

/**
 * The differences that the file lists under `accept`, so that the two configs are compared in spite of them: versions
 * of Ollama, for two running servers or two programs; and parameters of a model, if one of the servers is already
 * running.
 */
function acceptedBetween(
  { target }: WrittenConfig,
  base: WrittenConfig | undefined,
): Pick<WrittenConfig, 'accept'> {
  const sides = [target, base?.target]
  const [url, other] = sides.map((each) =>
    typeof each === 'object' && 'url' in each ? each.url : undefined,
  )
  const isOtherUrl = url !== undefined && other !== undefined && url !== other
  const involvesRunningServer = url !== other
  const isProcess = (each: WrittenConfig['target']) =>
    each === 'process' || (typeof each === 'object' && 'process' in each)
  const isOtherProgram =
    sides.every(isProcess) && canonicalJson(target) !== canonicalJson(base?.target)
  const accept: Acceptable[] = [
    ...(isOtherUrl || isOtherProgram ? (['serverVersion'] as const) : []),
    ...(involvesRunningServer ? (['modelParameters'] as const) : []),
  ]
  return accept.length === 0 ? {} : { accept }
}

/** One list for models, one for servers and one per variation; lists of one value are left out, unless all are. */
function comparedValues({
  models,
  servers,
  placedModels,
  variations,
}: Choices): readonly (readonly ComparedValue[])[] {
  if (placedModels !== undefined) return [placedModels, ...variations.map(({ values }) => values)]
  const modelValues = models.map((model) => ({
    key: keyOf(model),
    label: model,
    apply: (config: WrittenConfig) => ({ ...config, model }),
  }))
  const all = [modelValues, servers, ...variations.map(({ values }) => values)]
  const several = all.filter(({ length }) => length > 1)
  return several.length > 0 ? several : [servers]
}

function settingsOfAll({ servers: [server], env }: Choices): WrittenConfig {
  const config = Object.keys(env).length === 0 ? {} : { env }
  return server === undefined ? config : server.apply(config)
}

function withUniqueKeys(combinations: readonly (readonly ComparedValue[])[]) {
  const used = new Set<string>()
  return combinations.map((values) => {
    const base = values
      .map(({ key }) => key)
      .join('-')
      .slice(0, maxKeyLength)
      .replace(/-+$/, '')
    let key = base
    for (let number = 2; used.has(key); number += 1) key = `${base}-${number}`
    used.add(key)
    return { key, values }
  })
}

/** The settings in which a config differs from the config that it is based on. */
function differing(config: WrittenConfig, base: WrittenConfig): WrittenConfig {
  const env = differingKeys(config.env ?? {}, base.env ?? {})
  const options = differingKeys(config.options ?? {}, base.options ?? {})
  const { target, model, load } = config
  return {
    ...(canonicalJson(target) === canonicalJson(base.target) ? {} : { target }),
    ...(model === undefined || model === base.model ? {} : { model }),
    ...(load === undefined || load.users === base.load?.users ? {} : { load }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  }
}

function differingKeys<T>(
  values: Readonly<Record<string, T | undefined>>,
  base: Readonly<Record<string, unknown>>,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined || value === base[key] ? [] : [[key, value] as const],
    ),
  )
}
