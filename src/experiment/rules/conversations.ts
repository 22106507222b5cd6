/** Rules for conversations: which workloads can send them, what their turns may say, and whether the context holds them. */
import { quoted } from '../../errors/quote.ts'
import { conversationsOf, hasConversations } from '../conversations.ts'
import { draftsIn, type DatasetDraft, type Draft, type FileRule } from '../draft.ts'
import type { Sample } from '../dataset.ts'
import type { Config, MeasuredConfig } from '../experiment.ts'
import { requestKindsOf } from '../mix.ts'
import type { Problem } from '../problem.ts'
import { compilePrompt } from '../prompt.ts'
import type { Path } from '../source/source.ts'
import { bytesPerToken } from './grid.ts'

export const conversations: FileRule = ({ draft, datasets, configs }) => [
  ...draftsIn(datasets).flatMap(turnProblems),
  ...distinctProblems(
    configs.filter(isMeasured).flatMap((config) => configProblems(draft, config)),
  ),
]

function isMeasured(config: Config): config is MeasuredConfig {
  return config.kind === 'measured'
}

/** Removes duplicates, because a problem of the file's workload is found once for each config. */
function distinctProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

/** A turn has no id of its own; expected values and pictures belong to turns, not to their conversation. */
function turnProblems({ source, path, samples }: DatasetDraft): readonly Problem[] {
  return [...samples].flatMap(([index, sample]): readonly Problem[] => {
    if (sample.turns === undefined) return []
    const misplaced = (['expected', 'images'] as const)
      .filter((key) => sample[key] !== undefined)
      .map((key) =>
        source.problem(
          [...path, 'samples', index, key],
          {
            code: 'wrong-value',
            message: `${quoted(key)} belongs to a turn, because each turn is a request`,
            hint: `move it into a turn: \`turns: [{text: …, ${key}: …}]\``,
          },
          'key',
        ),
      )
    const named = sample.turns.flatMap((turn, at) =>
      Object.hasOwn(turn, 'id')
        ? source.problem(
            [...path, 'samples', index, 'turns', at, 'id'],
            {
              code: 'wrong-value',
              message: 'a turn has no id of its own',
              hint: 'remove it: the id of a turn is that of its conversation and its number, such as `c1/2`',
            },
            'key',
          )
        : [],
    )
    return [...misplaced, ...named]
  })
}

function configProblems(draft: Draft, config: MeasuredConfig): readonly Problem[] {
  const kindsWithTurns = requestKindsOf(config)
    .map((kind) => kind.config)
    .filter(({ dataset }) => hasConversations(dataset.samples))
  const [first] = kindsWithTurns
  if (first === undefined) return []
  const { api, load } = config.workload
  const name = quoted(first.dataset.name)
  const wrong = (place: Path, message: string, hint: string) =>
    draft.source.problem(place, { code: 'wrong-value', message, hint })
  return [
    ...(api === 'chat'
      ? []
      : [
          wrong(
            placeOf(draft, config, ['workload', 'api']),
            `${name} has conversations, and ${quoted(`api: ${api}`)} sends single prompts`,
            'write `api: chat`, or name a dataset without `turns`',
          ),
        ]),
    ...(load.kind === 'open'
      ? [
          wrong(
            openLoadPlace(draft, config),
            `${name} has conversations, whose turns wait for answers: they cannot be sent at a fixed rate`,
            'write `users` in place of `rate`, such as `{users: 4, duration: 60s}`, or name a dataset without `turns`',
          ),
        ]
      : []),
    ...kindsWithTurns.flatMap((kind) => contextProblem(draft, config, kind) ?? []),
  ]
}

/** The path of this part of the workload: in the config if the config states it, else in the file's workload. */
function placeOf({ source }: Draft, { key }: MeasuredConfig, path: Path): Path {
  return source.has(['configs', key, ...path]) ? ['configs', key, ...path] : path
}

/** The path of the rate. The load is a key of the config itself, but a part of the file's workload. */
function openLoadPlace({ source }: Draft, { key }: MeasuredConfig): Path {
  const own = ['configs', key, 'load', 'rate']
  return source.has(own) ? own : ['workload', 'load', 'rate']
}

const contextVariable = 'OLLAMA_CONTEXT_LENGTH'

/** A warning if the last turn of a conversation carries more than the context holds. */
function contextProblem(
  { source }: Draft,
  config: MeasuredConfig,
  kind: MeasuredConfig,
): Problem | undefined {
  const limit = kind.options['num_ctx'] ?? config.env[contextVariable]
  const context = limit === undefined ? NaN : Number(limit)
  const longest = longestConversation(kind)
  if (longest === undefined || !(context < longest.tokens)) return undefined
  const option = ['options', 'num_ctx']
  const places = [
    ['configs', config.key, ...option],
    ['configs', config.key, 'env', contextVariable],
    ['workload', ...option],
  ]
  return source.problem(places.find((place) => source.has(place)) ?? ['configs', config.key], {
    code: 'void-setting',
    severity: 'warning',
    message: `a context of ${context} tokens is shorter than the conversation ${quoted(longest.id)} of ${quoted(kind.dataset.name)}, about ${longest.tokens} tokens with its answers`,
    hint: 'Ollama then drops the oldest messages: write a larger `num_ctx`, a smaller `num_predict` or fewer turns',
  })
}

/** The conversation with the most tokens, estimated from its texts, and its answers if `num_predict` limits them. */
function longestConversation({ workload, dataset, options }: MeasuredConfig) {
  const answerTokens = Math.max(0, Number(options['num_predict'] ?? 0))
  const system = Buffer.byteLength(workload.system ?? '')
  return conversationsOf(dataset.samples)
    .flatMap((turns) => {
      const id = turns[0]?.turn?.conversation
      const bytes = system + bytesOfPrompts(workload, turns)
      const tokens = Math.ceil(bytes / bytesPerToken) + turns.length * answerTokens
      return id === undefined ? [] : [{ id, tokens }]
    })
    .toSorted((a, b) => b.tokens - a.tokens)[0]
}

function bytesOfPrompts(workload: MeasuredConfig['workload'], samples: readonly Sample[]): number {
  try {
    const render = compilePrompt(workload)
    return samples.reduce((bytes, sample) => bytes + Buffer.byteLength(render(sample)), 0)
  } catch {
    // A template that cannot be rendered is a problem of its own.
    return 0
  }
}
