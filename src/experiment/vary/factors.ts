/** Reads the factors of `vary`: their names, their levels, and where the file has them. */
import type { WrittenConfig } from '../schema/written-experiment.ts'
import type { WrittenVary } from '../schema/written-vary.ts'
import { mergedLoad } from '../resolve/resolve-workload.ts'
import type { Path } from '../source/source.ts'

export type Section = 'env' | 'options' | 'load' | 'model' | 'target'

export interface WrittenLevel {
  /** As reports show it. */
  readonly text: string
  readonly value: unknown
  readonly path: Path
}

export interface WrittenFactor {
  /** `OLLAMA_NUM_PARALLEL`, `num_ctx`, `users`, `model`, `version`. */
  readonly name: string
  readonly section: Section
  readonly path: Path
  /** At least one. A factor with one level is a setting of all cells. */
  readonly levels: readonly WrittenLevel[]
}

/**
 * In the order of the file's schema: variables, options, load, model, target.
 * @param at the path of `vary`, or of the `space` of `tune`
 */
export function writtenFactors(vary: WrittenVary, at: Path): readonly WrittenFactor[] {
  const { env = {}, options = {}, load = {}, model, target = {}, cpus } = vary
  const all = (section: Section, values: Readonly<Record<string, unknown>>) =>
    Object.entries(values).flatMap(([name, written]) =>
      factorAt(name, section, [...at, section, name], written),
    )
  return [
    ...all('env', env),
    ...all('options', options),
    ...all('load', load),
    ...factorAt('model', 'model', [...at, 'model'], model),
    ...all('target', target),
    ...factorAt('cpus', 'target', [...at, 'cpus'], cpus),
  ]
}

function factorAt(
  name: string,
  section: Section,
  path: Path,
  written: unknown,
): readonly WrittenFactor[] {
  if (written === undefined) return []
  const values: readonly unknown[] = Array.isArray(written) ? written : [written]
  const levels = values.map((value, index): WrittenLevel => ({
    text: Array.isArray(value) ? value.join(' ') : String(value),
    value,
    path: Array.isArray(written) ? [...path, index] : path,
  }))
  return [{ name, section, path, levels }]
}

/** The config with this level; undefined if its target has no such setting. The value is checked later. */
export function withLevel(
  config: WrittenConfig,
  { name, section }: WrittenFactor,
  { value }: WrittenLevel,
): WrittenConfig | undefined {
  const own = { [name]: value }
  switch (section) {
    case 'env':
    case 'options':
      return { ...config, [section]: { ...config[section], ...own } }
    case 'load':
      return { ...config, load: mergedLoad(config.load, own) }
    case 'model':
      return { ...config, ...own }
    case 'target': {
      const target = withTargetSetting(config.target, name, value)
      return target === undefined ? undefined : { ...config, target }
    }
  }
}

/** A version needs a process; images, CPUs and memory need a container. */
function withTargetSetting(
  target: WrittenConfig['target'],
  name: string,
  value: unknown,
): WrittenConfig['target'] {
  if (typeof target === 'object' && 'docker' in target)
    return name === 'version' ? undefined : { docker: { ...target.docker, [name]: value } }
  const isProcess = target === 'process' || (typeof target === 'object' && 'process' in target)
  if (!isProcess || name !== 'version') return undefined
  const { version: _, ...others } = typeof target === 'object' ? target.process : {}
  if (value !== installedVersion) return { process: { ...others, [name]: String(value) } }
  return Object.keys(others).length === 0 ? 'process' : { process: others }
}

/** The level of `version` that names no version: the Ollama that is installed. */
const installedVersion = 'installed'
