/**
 * Makes a new experiment, for `exp init`, `exp compare` and `exp tune`. Input: choices and the words of a locale.
 * Output: the text of a valid experiment file with a comment on each part.
 */
import { ExpError } from '../errors/exp-error.ts'
import { inFileOrder, yamlText } from '../experiment/yaml-text.ts'
import { locales } from '../format/locales.generated.ts'
import type { WordId, Words } from '../templates/words.ts'
import type { Choices, NewRace } from './choices.ts'
import { claimsOfConfigs, claimsOfFactors, exampleCheck } from './new-claims.ts'
import { newConfigs, type NewConfig } from './new-configs.ts'
import { baseKey, newGrid, type NewGrid } from './new-grid.ts'
import { defaultKey, newTuning } from './new-tuning.ts'

export type InitWords = Words<'init'>

/**
 * @param name the name of the experiment and of its file
 * @param claims whether the experiment has hypotheses to start from
 * @throws ExpError `invalid-input` if the choices compare nothing
 */
export function newExperimentText(
  name: string,
  choices: Choices,
  words: InitWords,
  claims: boolean,
): string {
  const file = `experiments/${name}.yaml`
  assertOneKindOfLoad(choices)
  const { written, first, second = '' } = writtenExperiment(name, choices, words, claims)
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
function writtenExperiment(name: string, choices: Choices, words: InitWords, claims: boolean) {
  if (choices.race !== undefined)
    return { written: raceExperiment(name, choices, choices.race, words), first: defaultKey }
  const grid = newGrid(choices)
  if (grid !== undefined)
    return { written: gridExperiment(name, grid, choices, words, claims), first: baseKey }
  const configs = newConfigs(choices)
  const written = newExperiment(name, configs, choices, words, claims)
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
  ['comment.warmup', 'workload', 'warmup'],
  ['comment.cache', 'workload', 'cache'],
  ['comment.rounds', 'rounds'],
  ['comment.slo', 'slo'],
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
  claims: boolean,
): object {
  const [first] = configs
  const hypotheses = claims ? claimsOfConfigs(configs, choices, words) : []
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
    ...(choices.users.length > 1 ? {} : { baseline: first.key }),
    ...(hypotheses.length === 0 ? {} : { hypotheses }),
  })
}

/** The title and the question. */
function titles(configs: readonly NewConfig[], choices: Choices, words: InitWords): object {
  const labels = configs.map(({ label }) => label).join(words.text('join.versus'))
  if (configs.length > 1)
    return { title: labels, question: words.text('question', { configs: labels }) }
  const users = choices.users.join(words.text('join.levels'))
  const title = words.text('title.levels', {
    model: choices.models[0] ?? '',
    config: labels,
    users,
  })
  const hasObjectives = Object.keys(choices.objectives).length > 0
  return {
    title,
    question: words.text(hasObjectives ? 'question.capacity' : 'question.levels', {
      config: labels,
    }),
  }
}

/** The experiment that asks what each setting is worth. */
function gridExperiment(
  name: string,
  grid: NewGrid,
  choices: Choices,
  words: InitWords,
  claims: boolean,
): object {
  const names = grid.factors.map((factor) => factor.name).join(words.text('join.factors'))
  return inFileOrder({
    title: names,
    question: words.text('question.worth', { factors: names }),
    ...measurementParts(name, choices, words),
    configs: { [baseKey]: grid.base },
    vary: grid.vary,
    ...(claims ? { hypotheses: claimsOfFactors(grid, words) } : {}),
  })
}

/** The experiment that finds the best settings. Its race decides how often a config is measured. */
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

/** Everything but the configs: the model, the samples, the workload, the objectives and the rounds. */
function measurementParts(name: string, choices: Choices, words: InitWords) {
  const { locale, users, ramp, duration, atLeast, atMost, rounds, prompts, objectives } = choices
  const isExample = prompts.kind === 'example'
  const [one, ...more] = users
  const load = { users: more.length === 0 ? one : users, duration, atLeast, atMost }
  return {
    locale,
    model: choices.models[0],
    dataset: dataset(name, choices, words),
    workload: {
      api: 'chat',
      prompt: isExample
        ? words.text('prompt', { field: promptPlaceholder(choices) })
        : promptPlaceholder(choices),
      options: { temperature: 0, seed: 42, num_predict: 64 },
      think: false,
      ...(isExample ? { format: exampleFormat } : {}),
      load: { ...load, ...(ramp === undefined ? {} : { ramp }) },
      warmup: { requests: Math.max(...users) },
      cache: 'cold',
    },
    ...(Object.keys(objectives).length === 0 ? {} : { slo: objectives }),
    rounds,
    budget: '30m',
    whenUnavailable: 'fail',
  }
}

function loadComment({ users }: Choices, words: InitWords): string {
  const load = words.text('comment.load')
  return [
    users.length > 1 ? `${load}\n ${words.text('comment.levels')}` : load,
    words.text('comment.window'),
  ].join('\n ')
}

/** @throws ExpError `invalid-input` if the numbers of users are both levels and a factor, or levels of a grid */
function assertOneKindOfLoad({ users, variations }: Choices): void {
  if (users.length === 1) return
  const written = users.join(',')
  if (variations.some(({ kind }) => kind === 'load'))
    throw new ExpError(
      'invalid-input',
      'the numbers of users are stated twice',
      `Keep one: \`--users ${written}\` shows how far each config carries, \`--vary users=${written}\` compares them.`,
    )
  if (variations.length > 1)
    throw new ExpError(
      'invalid-input',
      'several settings together are measured with one number of users, or with the users as one of the settings',
      `Write \`--vary users=${written}\` instead of \`--users ${written}\`, or vary one setting.`,
    )
}

/** The placeholder in the prompt for the text of a sample. */
function promptPlaceholder({ prompts }: Choices): string {
  return `{{${prompts.kind === 'file' ? prompts.field : 'text'}}}`
}

const categories = ['comment', 'advert'] as const
const exampleFormat = {
  type: 'object',
  properties: { [exampleCheck]: { type: 'string', enum: [...categories] } },
  required: [exampleCheck],
}

function dataset(name: string, { prompts }: Choices, words: InitWords) {
  switch (prompts.kind) {
    case 'file':
      return prompts.file
    case 'tasks':
      return {
        name: 'tasks',
        samples: tasks.map((id, index) => ({ id: `s${index + 1}`, text: words.text(id) })),
      }
    case 'example':
      return {
        name,
        samples: categories.map((category, index) => ({
          id: `s${index + 1}`,
          text: words.text(`sample.${category}`),
          expected: { [exampleCheck]: category },
        })),
        checks: [{ name: exampleCheck, field: exampleCheck, measure: 'exact' }],
      }
  }
}

const tasks = [
  'task.explain',
  'task.translate',
  'task.summarise',
  'task.code',
  'task.reason',
  'task.list',
  'task.rewrite',
  'task.extract',
] as const satisfies readonly WordId<'init'>[]

/** In bytes. */
export function longestTask(words: InitWords): number {
  return Math.max(...tasks.map((id) => Buffer.byteLength(words.text(id))))
}
