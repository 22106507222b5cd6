/**
 * Makes a new experiment, for `exp init`, `exp compare` and `exp tune`. Input: choices and the words of a locale.
 * Output: the text of a valid experiment file with a comment on each part.
 */
import { ExpError } from '../errors/exp-error.ts'
import { inFileOrder, yamlText } from '../experiment/yaml-text.ts'
import { locales } from '../format/locales.generated.ts'
import type { WordId, Words } from '../templates/words.ts'
import { hasLevelsOrSearch, type Choices, type NewRace } from './choices.ts'
import { claimsOfConfigs, claimsOfFactors } from './new-claims.ts'
import { newConfigs, type NewConfig } from './new-configs.ts'
import { baseKey, newGrid, type NewGrid } from './new-grid.ts'
import { defaultKey, newTuning } from './new-tuning.ts'
import { loadComment, measurementParts, promptPlaceholder } from './new-workload.ts'

export type InitWords = Words<'init'>

/**
 * @param name the name of the experiment and of its file
 * @param hasClaims true if the experiment gets hypotheses as a starting point
 * @throws ExpError `invalid-input` if the choices compare nothing
 */
export function newExperimentText(
  name: string,
  choices: Choices,
  words: InitWords,
  hasClaims: boolean,
): string {
  const file = `experiments/${name}.yaml`
  assertOneKindOfLoad(choices)
  const { written, first, second = '' } = writtenExperiment(name, choices, words, hasClaims)
  return yamlText(written, {
    header: [
      words.text('header.validate', { file }),
      words.text('header.try', { file }),
      words.text('header.run', { file, report: `reports/${name}/README.md` }),
    ],
    comments: [
      ...commentedKeys.map(([id, ...path]) => ({ path, text: words.text(id) })),
      { path: ['workload', 'load'], text: loadComment(choices, words) },
      { path: ['locale'], text: words.text('comment.locale', { locales: locales.join(', ') }) },
      {
        path: ['workload', 'prompt'],
        text: words.text('comment.prompt', { field: promptPlaceholder(choices) }),
      },
      { path: ['configs', first, 'target'], text: words.text('comment.target') },
      { path: ['configs', second, 'from'], text: words.text('comment.from') },
    ],
    isCompact: true,
  })
}

/** The experiment, and the keys of its first and second config. */
function writtenExperiment(name: string, choices: Choices, words: InitWords, hasClaims: boolean) {
  if (choices.race !== undefined)
    return { written: raceExperiment(name, choices, choices.race, words), first: defaultKey }
  const grid = newGrid(choices)
  if (grid !== undefined)
    return { written: gridExperiment(name, grid, choices, words, hasClaims), first: baseKey }
  const configs = newConfigs(choices)
  const written = newExperiment(name, configs, choices, words, hasClaims)
  return { written, first: configs[0].key, second: configs[1]?.key }
}

type WordWithValue = 'comment.locale' | 'comment.prompt' | 'comment.target' | 'comment.from'
type PlainWord = Exclude<WordId<'init'> & `comment.${string}`, WordWithValue>

const commentedKeys: readonly (readonly [id: PlainWord, ...path: readonly string[]])[] = [
  ['comment.model', 'model'],
  ['comment.dataset', 'dataset'],
  ['comment.checks', 'dataset', 'checks'],
  ['comment.workload', 'workload'],
  ['comment.api', 'workload', 'api'],
  ['comment.format', 'workload', 'format'],
  ['comment.mix', 'workload', 'mix'],
  ['comment.warmup', 'workload', 'warmup'],
  ['comment.cache', 'workload', 'cache'],
  ['comment.rounds', 'rounds'],
  ['comment.slo', 'slo'],
  ['comment.capacity', 'capacity'],
  ['comment.budget', 'budget'],
  ['comment.whenUnavailable', 'whenUnavailable'],
  ['comment.configs', 'configs'],
  ['comment.vary', 'vary'],
  ['comment.tune', 'tune'],
  ['comment.space', 'tune', 'space'],
  ['comment.baseline', 'baseline'],
  ['comment.hypotheses', 'hypotheses'],
]

function newExperiment(
  name: string,
  configs: readonly [NewConfig, ...NewConfig[]],
  choices: Choices,
  words: InitWords,
  hasClaims: boolean,
): object {
  const [first] = configs
  const hypotheses = hasClaims ? claimsOfConfigs(configs, choices, words) : []
  return inFileOrder({
    ...titles(configs, choices, words),
    ...measurementParts(name, choices, words),
    configs: Object.fromEntries(
      configs.map(({ key, label, written: { from, ...rest } }) => [
        key,
        { ...(from === undefined ? {} : { from }), label, ...rest },
      ]),
    ),
    // With levels, each level is compared with the same level of the first config.
    ...(hasLevelsOrSearch(choices) ? {} : { baseline: first.key }),
    ...(hypotheses.length === 0 ? {} : { hypotheses }),
  })
}

/** The title and the question. */
function titles(configs: readonly NewConfig[], choices: Choices, words: InitWords): object {
  const named = configs.map(({ label }) => label)
  const labels = named.join(words.text('join.versus'))
  const { capacity, models, mix } = choices
  if (configs.length > 1)
    return {
      title: labels,
      question:
        capacity === undefined
          ? words.text('question', { configs: named.join(words.text('join.or')) })
          : words.text('question.capacities', { configs: named.join(words.text('join.levels')) }),
    }
  const model = mix?.map((item) => item.model).join(words.text('join.mix')) ?? models[0] ?? ''
  const title =
    capacity === undefined
      ? words.text('title.levels', {
          ...{ model, config: labels },
          users: choices.users.join(words.text('join.levels')),
        })
      : words.text('title.capacity', { model, config: labels, users: capacity })
  const hasObjectives = Object.keys(choices.objectives).length > 0
  return {
    title,
    question: words.text(hasObjectives ? 'question.capacity' : 'question.levels', {
      config: labels,
    }),
  }
}

/** The experiment that measures the effect of each setting. */
function gridExperiment(
  name: string,
  grid: NewGrid,
  choices: Choices,
  words: InitWords,
  hasClaims: boolean,
): object {
  const names = grid.factors.map((factor) => factor.name).join(words.text('join.factors'))
  return inFileOrder({
    title: names,
    question: words.text('question.worth', { factors: names }),
    ...measurementParts(name, choices, words),
    configs: { [baseKey]: grid.base },
    vary: grid.vary,
    ...(hasClaims ? { hypotheses: claimsOfFactors(grid, words) } : {}),
  })
}

/** The experiment that finds the best settings. It has no number of rounds, because the race decides it. */
function raceExperiment(name: string, choices: Choices, race: NewRace, words: InitWords): object {
  const { base, tune } = newTuning(choices, race)
  const { rounds, budget, ...rest } = measurementParts(name, choices, words)
  const values = {
    model: choices.models[0] ?? '',
    server: choices.servers[0]?.label ?? '',
    users: choices.users[0] ?? 1,
  }
  return inFileOrder({
    title: words.text('title.race', values),
    question: words.text('question.race', { ...values, metric: race.maximize }),
    ...rest,
    configs: { [defaultKey]: { label: words.text('label.default', values), ...base } },
    tune,
  })
}

/**
 * @throws ExpError `invalid-input` if numbers of users are given in two ways (as levels, as a factor, or by a capacity
 *   search), or if a capacity search has no objectives
 */
function assertOneKindOfLoad(choices: Choices): void {
  const { users, capacity, variations } = choices
  if (!hasLevelsOrSearch(choices)) return
  if (capacity !== undefined) assertSearch(choices, capacity)
  const written = users.join(',')
  if (variations.some(({ kind }) => kind === 'load'))
    throw new ExpError(
      'invalid-input',
      'the numbers of users are stated twice',
      `Keep one: \`--users ${written}\` shows how many users each config can serve, \`--vary users=${written}\` compares them.`,
    )
  if (variations.length > 1)
    throw new ExpError(
      'invalid-input',
      'several numbers in `--users` cannot be combined with several `--vary`',
      `Write \`--vary users=${written}\` instead of \`--users ${written}\`, or vary one setting.`,
    )
}

function assertSearch({ users, objectives, models, variations }: Choices, capacity: number): void {
  const isStatedTwice = users.length > 1 || variations.some(({ kind }) => kind === 'load')
  const factors = variations.length + (models.length > 1 ? 1 : 0)
  if (isStatedTwice || factors > 1)
    throw new ExpError(
      'invalid-input',
      isStatedTwice
        ? '`--capacity` cannot be combined with several numbers of users'
        : '`--capacity` can be combined with at most one `--vary`, or several models',
      isStatedTwice
        ? `Keep one: \`--capacity ${capacity}\` finds the levels, \`--users\` lists them.`
        : 'Vary one setting, or measure several with one number of users: `--users 4`.',
    )
  if (Object.keys(objectives).length === 0)
    throw new ExpError(
      'invalid-input',
      'a capacity needs objectives: what the service must achieve',
      "Add one or more: `--slo 'latencyP95<=2s'`.",
    )
}
