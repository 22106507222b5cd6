/** The servers that an experiment needs in a cluster, and the experiment that measures them there. */
import { ExpError } from '../../errors/exp-error.ts'
import { quoted } from '../../errors/quote.ts'
import type { Config, Experiment, MeasuredConfig } from '../../experiment/experiment.ts'
import { modelsOf } from '../../experiment/mix.ts'
import type { Target } from '../../experiment/target-kinds.ts'
import type { ExperimentContent } from '../../experiment/write-experiment.ts'
import { canonicalJson } from '../../json/json.ts'
import { objectName } from './object-name.ts'

export const serverPort = 11434

/** An Ollama that serves one or more configs. */
export interface ClusterServer {
  /** Of its Deployment and its Service, whose URL the configs name. */
  readonly name: string
  /** Keys of the configs that it serves. */
  readonly configs: readonly string[]
  readonly target: Target<'docker'>
  readonly env: Readonly<Record<string, string>>
  /** The models that it must have. */
  readonly models: readonly string[]
}

/**
 * One server for all configs that need the same server, for example the levels of a load.
 * @throws ExpError `invalid-input` if a config names no image, if settings race, or if a capacity is searched
 */
export function clusterServers(experiment: Experiment): readonly ClusterServer[] {
  if (experiment.tuning !== undefined || experiment.search !== undefined)
    throw new ExpError(
      'invalid-input',
      `\`${experiment.tuning === undefined ? 'capacity' : 'tune'}\` chooses what to measure during the run, and servers in a cluster are started before it`,
      'Write the configs and the numbers of users that the cluster must measure.',
    )
  const servers = new Map<string, ClusterServer>()
  for (const config of experiment.configs) {
    if (config.kind === 'recorded' || config.target.kind === 'url') continue
    const target = imageOfConfig(config)
    const models = modelsOf(config).map(({ name }) => name)
    const { pull: _, models: __, ...settings } = target
    const identity = canonicalJson({ settings, env: config.env, models })
    const known = servers.get(identity)
    servers.set(identity, {
      name: known?.name ?? objectName('exp', experiment.id, config.key),
      configs: [...(known?.configs ?? []), config.key],
      target,
      env: config.env,
      models,
    })
  }
  if (servers.size > 0) return [...servers.values()]
  throw new ExpError(
    'invalid-input',
    'no config has a server to start in a cluster',
    'Give a config a container: `target: {docker: {image: "ollama/ollama:0.20.0"}}`.',
  )
}

function imageOfConfig({ key, target }: MeasuredConfig): Target<'docker'> {
  if (target.kind === 'docker') return target
  throw new ExpError(
    'invalid-input',
    `${quoted(key)} does not name an image, so no cluster can start it`,
    'Write `target: {docker: {image: "ollama/ollama:0.20.0"}}` with the version that you mean.',
  )
}

/**
 * The experiment with the addresses of the servers in the cluster. Its configs set no server variables, because the
 * Deployments set them.
 */
export function clusterExperiment(
  experiment: Experiment,
  servers: readonly ClusterServer[],
): ExperimentContent {
  const withAddress = (config: Config): Config => {
    const server = servers.find(({ configs }) => configs.includes(config.key))
    if (config.kind === 'recorded' || server === undefined) return config
    const { host: _, ...rest } = config
    const url = `http://${server.name}:${serverPort}`
    return { ...rest, env: {}, target: { kind: 'url', url, headers: {} } }
  }
  return {
    ...experiment,
    whenUnavailable: 'fail',
    configs: experiment.configs.map(withAddress),
  }
}
