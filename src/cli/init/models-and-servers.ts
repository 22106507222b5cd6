/**
 * The models and the servers that arguments name: every model on every server, or each model on a server of its own.
 */
import { ExpError } from '../../errors/exp-error.ts'
import { quoted } from '../../errors/quote.ts'
import type { Choices, ComparedValue } from '../../setup/choices.ts'
import { keyOf } from '../../setup/choices.ts'
import { readPlacedModel, readServer, type ServerLabels } from '../../setup/read-options.ts'
import type { LocalOllama } from '../../targets/local-ollama.ts'

/**
 * @param on the servers of `--on`
 * @throws ExpError `invalid-input` if only some of the models have a server, or `--on` names others; `environment` if
 *   there is no server to choose
 */
export function modelsAndServers(
  models: readonly string[],
  on: readonly string[],
  labels: ServerLabels,
  ollama: Pick<LocalOllama, 'installed' | 'running'>,
): Pick<Choices, 'models' | 'servers' | 'placedModels'> & {
  readonly serverNames: readonly string[]
} {
  const placed = models.map(readPlacedModel)
  const own = placed.flatMap(({ server }) => server ?? [])
  if (own.length > 0 && (own.length < placed.length || on.length > 0))
    throw new ExpError(
      'invalid-input',
      own.length < placed.length
        ? `${quoted(models.find((each) => readPlacedModel(each).server === undefined) ?? '')} has no server, and others have one`
        : '`--on` names servers, and the models have their own',
      'Write a server after each model, `MODEL@SERVER`, or name the servers with `--on`.',
    )
  const named = own.length > 0 ? own : on.length > 0 ? on : [defaultServer(ollama)]
  const serverNames = [...new Set(named)]
  const read = new Map(
    serverNames.map((name) => [name, readServer(name, labels, ollama.installed)] as const),
  )
  const names = [...new Set(placed.map(({ model }) => model))]
  const places = placed.flatMap(({ model, server = '' }) => {
    const value = read.get(server)
    return value === undefined ? [] : [placedModel(model, value)]
  })
  return {
    serverNames,
    models: names,
    servers: [...read.values()],
    // With one model or one server, the names of the configs are shorter.
    ...(names.length > 1 && places.length > 1 && serverNames.length > 1
      ? { placedModels: places }
      : {}),
  }
}

function placedModel(model: string, server: ComparedValue): ComparedValue {
  return {
    key: `${keyOf(model)}-${server.key}`,
    label: `${model} (${server.label})`,
    apply: (config) => ({ ...server.apply(config), model }),
  }
}

/** The installed Ollama; without one, a server that is running. */
function defaultServer({ installed, running }: Pick<LocalOllama, 'installed' | 'running'>): string {
  if (installed !== undefined) return 'native'
  if (running !== undefined) return running.url
  throw new ExpError(
    'environment',
    'there is no Ollama on this machine: none is installed, and no server answers',
    'Install it from https://ollama.com/download, or name a server: `--on http://HOST:11434`. To try exp without it: `exp engine add`, then `--on embedded`.',
  )
}
