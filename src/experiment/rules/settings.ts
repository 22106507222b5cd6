/** Rules for settings: variables without effect, and options that Ollama does not know. */
import { didYouMean, nearestWord } from '../../errors/did-you-mean.ts'
import { quoted } from '../../errors/quote.ts'
import { type FileRule, type FileRuleInput, writtenMixes } from '../draft.ts'
import type { Problem } from '../problem.ts'
import { inherit } from '../resolve/resolve-config.ts'
import { knownOptions, knownVariables } from '../schema/ollama-settings.ts'
import { resolveTarget } from '../schema/written-target.ts'
import type { Path } from '../source/source.ts'
import { kindFacts } from '../target-kinds.ts'

/** Warns of variables that the server does not read, that a request option overrides, or that exp sets itself. */
export const ineffectiveSettings: FileRule = (input) => {
  const { source, configs } = input.draft
  return [...configs].flatMap(([key, config]) =>
    Object.keys(inherit(configs, key)?.env ?? {}).flatMap((name): readonly Problem[] => {
      const isOwn = Object.hasOwn(config.env ?? {}, name)
      const reason = reasonForNoEffect(input, key, name)
      // A problem that comes from the config's `from` is reported only there.
      const inherited =
        isOwn || config.from === undefined ? undefined : reasonForNoEffect(input, config.from, name)
      if (reason === undefined || inherited !== undefined) return []
      const path = ['configs', key, ...(isOwn ? ['env', name] : [])]
      return [source.problem(path, { code: 'void-setting', severity: 'warning', ...reason }, 'key')]
    }),
  )
}

function reasonForNoEffect({ draft }: FileRuleInput, key: string, name: string) {
  const config = inherit(draft.configs, key)
  const options = { ...draft.top.workload?.options, ...config?.options }
  const keepAlive = config?.workload?.keepAlive ?? draft.top.workload?.keepAlive
  if (config?.target && !kindFacts(resolveTarget(config.target).kind).startsServer)
    return {
      message: `${quoted(name)} has no effect: the server at a URL is already running`,
      hint: 'set it where that server is started, and say so in the label',
    }
  if (name === 'OLLAMA_HOST')
    return {
      message: '`OLLAMA_HOST` has no effect: exp chooses where its servers listen',
      hint: 'remove it',
    }
  if (name === 'OLLAMA_CONTEXT_LENGTH' && options.num_ctx !== undefined)
    return {
      message: `\`OLLAMA_CONTEXT_LENGTH\` has no effect: requests set \`num_ctx: ${options.num_ctx}\``,
      hint: 'remove one of the two; the request wins',
    }
  if (name === 'OLLAMA_KEEP_ALIVE' && keepAlive !== undefined)
    return {
      message: `\`OLLAMA_KEEP_ALIVE\` has no effect: requests set \`keepAlive: ${keepAlive}\``,
      hint: 'remove one of the two; the request wins',
    }
  if (config?.recorded === undefined && isUnread(name))
    return {
      message: `${quoted(name)} has no effect: no known version of Ollama reads it`,
      hint: hintForUnread(name),
    }
  return undefined
}

/**
 * Names the setting that was probably meant. The search for the nearest name ignores the prefix that all names share.
 */
function hintForUnread(name: string): string {
  const bare = (variable: string) => variable.slice(prefix.length)
  const nearest = nearestWord(bare(name), knownVariables.map(bare))
  return nearest === undefined
    ? 'threads, GPU layers and batch are request options: `num_thread`, `num_gpu`, `num_batch`'
    : `did you mean ${quoted(prefix + nearest)}?`
}

const prefix = 'OLLAMA_'

/** Variables with other prefixes, such as `LLAMA_ARG_…` or `CUDA_…`, may be read by engines and libraries. */
function isUnread(name: string): boolean {
  return name.startsWith(prefix) && !knownVariables.includes(name)
}

/** Ollama logs unknown options and ignores them. */
export const unknownOptions: FileRule = ({ draft }) => {
  const { source, configs, top } = draft
  const places: [Path, object | undefined][] = [
    [['workload', 'options'], top.workload?.options],
    ...[...configs].map(([key, { options }]): [Path, object | undefined] => [
      ['configs', key, 'options'],
      options,
    ]),
    ...writtenMixes(draft).flatMap(({ path, items }) =>
      items.map(({ options }, index): [Path, object | undefined] => [
        [...path, index, 'options'],
        options,
      ]),
    ),
  ]
  return places.flatMap(([path, options]) =>
    Object.keys(options ?? {})
      .filter((name) => !knownOptions.includes(name))
      .map((name) =>
        source.problem(
          [...path, name],
          {
            code: 'unknown-option',
            severity: 'warning',
            message: `Ollama does not know the option ${quoted(name)} and ignores it`,
            hint: didYouMean(name, knownOptions, 'remove it, unless your server reads it'),
          },
          'key',
        ),
      ),
  )
}
