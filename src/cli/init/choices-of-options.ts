/** Turns the arguments of `exp init`, `exp compare` and `exp tune` into choices. Defaults depend on this machine. */
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import { listed, quoted } from '../../errors/quote.ts'
import { loadLocalSettings } from '../../files/local-settings.ts'
import type { Locale } from '../../format/locales.generated.ts'
import { systemTools } from '../../host/machine-tools.ts'
import { readTemplates } from '../../notebook/template-files.ts'
import type { Choices, Variation } from '../../setup/choices.ts'
import type { InitWords } from '../../setup/new-experiment.ts'
import {
  readMix,
  readObjectives,
  readVariation,
  type ServerLabels,
} from '../../setup/read-options.ts'
import { type LocalOllama, findLocalOllama } from '../../targets/local-ollama.ts'
import { readWords } from '../../templates/words.ts'
import type { Io } from '../io.ts'
import { terminalLocale } from '../language.ts'
import { withAddedOllamas } from '../../targets/process/added-ollama.ts'
import { modelsAndServers } from './models-and-servers.ts'

/** The options that `exp init` and `exp compare` have. */
export const setupOptions = z.object({
  vary: z.array(z.string()).default([]),
  on: z.array(z.string()).default([]),
  prompts: z.string().optional(),
  users: z.array(z.number()).optional(),
  slo: z.array(z.string()).default([]),
  capacity: z.number().optional(),
  mix: z.string().optional(),
  ramp: z.string().optional(),
  pause: z.string().optional(),
  duration: z.string(),
  rounds: z.number().default(6),
})
export type SetupOptions = Readonly<z.infer<typeof setupOptions>> & {
  /** True to give all configs the settings of the user's own server. */
  readonly copySettings?: boolean
}

export interface SetupContext {
  readonly locale: Locale
  readonly words: InitWords
  readonly ollama: LocalOllama
}

/**
 * @throws ExpError `invalid-input` for arguments that make no sense, `environment` if there is nothing to measure here
 */
export function choicesOf(
  models: readonly string[],
  options: SetupOptions,
  { prompts, atLeast, atMost }: Pick<Choices, 'prompts' | 'atLeast' | 'atMost'>,
  { locale, words, ollama }: SetupContext,
): Choices {
  const variations = options.vary.map(readVariation)
  const { serverNames: names, ...where } = modelsAndServers(
    models,
    options.on,
    serverLabels(words),
    ollama,
  )
  const unchangeable = names.find((name) => /^https?:/.test(name))
  const ofServer = variations.find(({ kind }) => kind !== 'option' && kind !== 'load')
  if (unchangeable !== undefined && ofServer !== undefined)
    throw alreadyRunning(ofServer, unchangeable)
  const { duration, rounds, ramp, pause, capacity } = options
  const mix = options.mix === undefined ? undefined : readMix(options.mix)
  const named = [...where.models, ...(mix ?? []).map(({ model }) => model).slice(0, 1)]
  if (mix !== undefined && models.length > 0) throw modelsTwice(models)
  return {
    locale,
    ...where,
    models: named.length > 0 ? named : [onlyModel(names, ollama)],
    variations,
    env: options.copySettings ? ollama.variables : {},
    prompts,
    users: options.users ?? [defaultUsers(variations)],
    objectives: readObjectives(options.slo),
    ...(capacity === undefined ? {} : { capacity }),
    ...(mix === undefined ? {} : { mix }),
    ...(ramp === undefined ? {} : { ramp }),
    ...(pause === undefined ? {} : { pause }),
    duration,
    atLeast,
    atMost,
    rounds,
  }
}

/** The names of servers that exp starts. */
export function serverLabels(words: InitWords): ServerLabels {
  return {
    native: words.text('server.native'),
    docker: words.text('server.docker'),
    embedded: words.text('server.embedded'),
  }
}

/** A single user needs only one slot, so comparing slots needs several users. */
function defaultUsers(variations: readonly Variation[]): number {
  return variations.some(({ setting }) => setting === 'OLLAMA_NUM_PARALLEL') ? 3 : 1
}

function modelsTwice(models: readonly string[]): ExpError {
  return new ExpError(
    'invalid-input',
    `\`--mix\` names the models of all requests, so ${models.map(quoted).join(', ')} would get no requests`,
    'Name the models in one place: in `--mix`, or as arguments.',
  )
}

function alreadyRunning({ setting }: Variation, url: string): ExpError {
  return new ExpError(
    'invalid-input',
    `${quoted(setting)} is set when a server starts, and ${quoted(url)} is already running`,
    'Let exp start its own server: `--on native` or `--on docker`; or vary a request option such as `num_ctx`.',
  )
}

function onlyModel(servers: readonly string[], { models, running }: LocalOllama): string {
  const known = servers.includes('native') ? models : (running?.models ?? models)
  const [first, second] = known
  if (first !== undefined && second === undefined) return first
  throw new ExpError(
    'invalid-input',
    'no model is named',
    known.length === 0
      ? 'Name one, such as `qwen3:0.6b`, and pull it first: `ollama pull qwen3:0.6b`.'
      : `Name one of those on this machine: ${listed(known)}.`,
  )
}

/**
 * The name of a new experiment, without `.yaml`.
 * @throws ExpError `invalid-input` if it cannot be the name of a folder
 */
export function experimentName(text: string): string {
  const name = text.replace(/\.ya?ml$/, '')
  if (/^[a-z0-9][a-z0-9-]*$/.test(name)) return name
  throw new ExpError(
    'invalid-input',
    `\`${text}\` is not a valid name for an experiment`,
    'Use a-z, 0-9 and `-`: the name becomes the file and the folder of its reports.',
  )
}

/**
 * Reads what a new experiment depends on besides the user's choices: the language, and the servers and models of this
 * machine.
 */
export async function readSetupContext(root: string, io: Io): Promise<SetupContext> {
  const locale = terminalLocale(io)
  const ollama = await findLocalOllama({
    tools: systemTools(),
    env: io.env,
    settings: withAddedOllamas(loadLocalSettings(root), io.env),
    folder: root,
    signal: io.signal,
  })
  return { locale, words: readWords(readTemplates(locale), 'init'), ollama }
}
