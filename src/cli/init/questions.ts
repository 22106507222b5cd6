/** The questions of `exp init`: which server, which model, what to compare. The answers are options of the command. */
import type { Questions } from '../ask.ts'
import { counted, type TerminalWords } from '../terminal-words.ts'
import type { SetupOptions, SetupContext } from './choices-of-options.ts'

type Answers = Pick<SetupOptions, 'on' | 'vary'> &
  Partial<Pick<SetupOptions, 'users' | 'slo' | 'capacity' | 'mix'>> & {
    readonly model: readonly string[]
  }

export async function askForChoices(
  ask: Questions,
  context: SetupContext,
  words: TerminalWords,
): Promise<Answers> {
  const server = await askForServer(ask, context, words)
  const models = modelsOn(server, context)
  const model = await askForModel(words.text('init.model'), models, ask, words)
  const topics = topicsOf(server, context)
  const topic = await ask.choose(
    words.text('init.compare'),
    topics.map((value) => ({ value, label: words.text(`init.compare.${value}`) })),
  )
  const none: Answers = { on: [server], vary: [], model: [model] }
  switch (topic) {
    case 'users': {
      const slo = await askForObjective(ask, words)
      return { ...none, users: [1, 2, 4, 8], slo: [...slo] }
    }
    case 'capacity': {
      const slo = await askForObjective(ask, words, false)
      return { ...none, capacity: 32, slo: [...slo] }
    }
    case 'mix': {
      const others = models.filter((each) => each !== model)
      const second = await askForModel(words.text('init.mixModel'), others, ask, words)
      return { ...none, model: [], mix: `${model},${second}`, vary: [...settings.loaded] }
    }
    case 'docker':
      return { ...none, on: ['native', 'docker'] }
    case 'models': {
      const others = models.filter((each) => each !== model)
      const second = await askForModel(words.text('init.secondModel'), others, ask, words)
      return { ...none, model: [model, second] }
    }
    case 'versions': {
      const versions = otherVersions(context).map((value) => ({ value, label: value }))
      const version = await ask.choose(words.text('init.version'), versions)
      return { ...none, vary: [`version=installed,${version}`] }
    }
    default:
      return { ...none, vary: [...settings[topic]] }
  }
}

async function askForServer(
  ask: Questions,
  { ollama: { installed, running } }: SetupContext,
  words: TerminalWords,
): Promise<string> {
  const other = 'other'
  const server = await ask.choose(words.text('init.server'), [
    ...(installed === undefined
      ? []
      : [{ value: 'native', label: words.text('init.serverNative', { version: installed }) }]),
    ...(running === undefined
      ? []
      : [
          {
            value: running.url,
            label: words.text('init.serverRunning', {
              url: running.url,
              models: counted('model', running.models.length, words),
            }),
          },
        ]),
    { value: 'docker', label: words.text('init.serverDocker') },
    { value: other, label: words.text('init.serverUrl') },
  ])
  return server === other ? ask.write(words.text('init.url')) : server
}

function modelsOn(server: string, { ollama: { models, running } }: SetupContext) {
  return server === running?.url ? running.models : models
}

async function askForModel(
  question: string,
  models: readonly string[],
  ask: Questions,
  words: TerminalWords,
): Promise<string> {
  if (models.length === 0) return ask.write(words.text('init.modelName'))
  return ask.choose(
    question,
    models.map((value) => ({ value, label: value })),
  )
}

/** Asks for an objective, without which nothing shows how many users a server can serve. */
async function askForObjective(
  ask: Questions,
  words: TerminalWords,
  mayHaveNone = true,
): Promise<readonly string[]> {
  const none = 'none'
  const objective = await ask.choose(words.text('init.objective'), [
    ...['1 s', '2 s', '5 s', '10 s'].map((time) => ({
      value: `latencyP95<=${time.replace(' ', '')}`,
      label: words.text('init.objective.some', { time }),
    })),
    ...(mayHaveNone ? [{ value: none, label: words.text('init.objective.none') }] : []),
  ])
  return objective === none ? [] : [objective]
}

/** What each topic varies: variables of the server, or options of the requests. */
const settings = {
  slots: ['OLLAMA_NUM_PARALLEL=1,4'],
  grid: ['OLLAMA_NUM_PARALLEL=1,4', 'num_ctx=4096,16384', 'users=1,4'],
  loaded: ['OLLAMA_MAX_LOADED_MODELS=1,2'],
  context: ['num_ctx=4096,16384'],
  threads: ['num_thread=4,8'],
  'keep-alive': ['OLLAMA_KEEP_ALIVE=5m,0'],
  'flash-attention': ['OLLAMA_FLASH_ATTENTION=0,1'],
  'cache-type': ['OLLAMA_KV_CACHE_TYPE=f16,q8_0'],
} as const satisfies Readonly<Record<string, readonly string[]>>

type SettingTopic = Exclude<keyof typeof settings, 'loaded'>
type Topic = SettingTopic | 'users' | 'capacity' | 'mix' | 'versions' | 'docker' | 'models'

/** What can be compared on the server. Variables can be compared only if exp starts the server. */
function topicsOf(server: string, context: SetupContext): readonly Topic[] {
  if (/^https?:/.test(server)) return ['users', 'capacity', 'models', 'context', 'threads']
  const isNative = server === 'native'
  return [
    'slots',
    'users',
    'capacity',
    'grid',
    'context',
    'threads',
    'keep-alive',
    'flash-attention',
    'cache-type',
    ...(isNative && otherVersions(context).length > 0 ? (['versions'] as const) : []),
    ...(isNative ? (['docker'] as const) : []),
    'models',
    'mix',
  ]
}

function otherVersions({ ollama: { named, installed } }: SetupContext): readonly string[] {
  return named.filter((version) => version !== installed)
}
