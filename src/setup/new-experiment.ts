/**
 * Makes a new experiment, for `exp init` and `exp compare`. Input: choices and the words of a locale. Output: the text of
 * a valid experiment file with a comment on each part.
 */
import type { WrittenExperiment } from '../experiment/schema/written-experiment.ts'
import { writtenExperiment } from '../experiment/schema/written-experiment.ts'
import { yamlText } from '../experiment/yaml-text.ts'
import { locales } from '../format/locales.generated.ts'
import type { WordId, Words } from '../templates/words.ts'
import type { Choices } from './choices.ts'
import { newConfigs, type NewConfig } from './new-configs.ts'
import { baseKey, newGrid, type NewGrid } from './new-grid.ts'

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
  const grid = newGrid(choices)
  const configs = grid === undefined ? newConfigs(choices) : undefined
  const written =
    configs === undefined ? undefined : newExperiment(name, configs, choices, words, claims)
  const ofGrid = grid && gridExperiment(name, grid, choices, words, claims)
  const target = ['configs', configs?.[0].key ?? baseKey, 'target']
  return yamlText(writtenExperiment.parse(written ?? ofGrid), {
    header: [
      words.text('header.validate', { file }),
      words.text('header.try', { file }),
      words.text('header.run', { file, report: `reports/${name}/README.md` }),
    ],
    comments: [
      ...commentedKeys.map(([id, ...path]) => ({ path, text: words.text(id) })),
      { path: ['locale'], text: words.text('comment.locale', { locales: locales.join(', ') }) },
      {
        path: ['workload', 'prompt'],
        text: words.text('comment.prompt', { field: field(choices) }),
      },
      { path: target, text: words.text('comment.target') },
      { path: ['configs', configs?.[1].key ?? '', 'from'], text: words.text('comment.from') },
    ],
    isCompact: true,
  })
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
  ['comment.load', 'workload', 'load'],
  ['comment.window', 'workload', 'load'],
  ['comment.warmup', 'workload', 'warmup'],
  ['comment.cache', 'workload', 'cache'],
  ['comment.rounds', 'rounds'],
  ['comment.budget', 'budget'],
  ['comment.whenUnavailable', 'whenUnavailable'],
  ['comment.configs', 'configs'],
  ['comment.vary', 'vary'],
  ['comment.baseline', 'baseline'],
  ['comment.hypotheses', 'hypotheses'],
]

function newExperiment(
  name: string,
  configs: readonly [NewConfig, NewConfig, ...NewConfig[]],
  choices: Choices,
  words: InitWords,
  claims: boolean,
): WrittenExperiment {
  const [first, ...others] = configs
  const labels = configs.map(({ label }) => label).join(words.text('join.versus'))
  return writtenExperiment.parse({
    title: labels,
    question: words.text('question', { configs: labels }),
    ...measuring(name, choices, words),
    configs: Object.fromEntries(
      configs.map(({ key, label, written: { from, ...rest } }) => [
        key,
        { ...(from === undefined ? {} : { from }), label, ...rest },
      ]),
    ),
    baseline: first.key,
    ...(claims
      ? {
          hypotheses: others.flatMap((config) =>
            claimsOf(config, first, choices.prompts.kind === 'example', words),
          ),
        }
      : {}),
  })
}

/** The experiment that asks what each setting is worth. */
function gridExperiment(
  name: string,
  { base, vary, factors }: NewGrid,
  choices: Choices,
  words: InitWords,
  claims: boolean,
): WrittenExperiment {
  const names = factors.map((factor) => factor.name).join(words.text('join.factors'))
  return writtenExperiment.parse({
    title: names,
    question: words.text('question.worth', { factors: names }),
    ...measuring(name, choices, words),
    configs: { [baseKey]: base },
    vary,
    ...(claims
      ? {
          hypotheses: factors.map(({ name: factor, values }) => {
            const between = [values[0], values.at(-1)]
            const [from, to] = [String(values[0]), String(values.at(-1))]
            return {
              statement: words.text('statement.factor', { factor, from, to }),
              claim: { metric: 'qps', factor, between, change: '>= 10%' },
            }
          }),
        }
      : {}),
  })
}

/** Everything but the configs: the model, the samples, the workload and the rounds. */
function measuring(name: string, choices: Choices, words: InitWords): object {
  const { locale, users, ramp, duration, atLeast, atMost, rounds, prompts } = choices
  const isExample = prompts.kind === 'example'
  return {
    locale,
    model: choices.models[0],
    dataset: dataset(name, choices, words),
    workload: {
      api: 'chat',
      prompt: isExample ? words.text('prompt', { field: field(choices) }) : field(choices),
      options: { temperature: 0, seed: 42, num_predict: 64 },
      think: false,
      ...(isExample ? { format: exampleFormat } : {}),
      load: { users, duration, atLeast, atMost, ...(ramp === undefined ? {} : { ramp }) },
      warmup: { requests: users },
      cache: 'cold',
    },
    rounds,
    budget: '30m',
    whenUnavailable: 'fail',
  }
}

function claimsOf({ key, label }: NewConfig, base: NewConfig, hasCheck: boolean, words: InitWords) {
  const names = { config: label, base: base.label }
  const rate = {
    statement: words.text('statement.rate', names),
    claim: { metric: 'qps', config: key, change: '>= 10%' },
  }
  const quality = {
    statement: words.text('statement.quality', names),
    claim: { metric: `score.${exampleCheck}`, config: key, same: '5pp' },
  }
  return hasCheck ? [rate, quality] : [rate]
}

/** The placeholder in the prompt for the text of a sample. */
function field({ prompts }: Choices): string {
  return `{{${prompts.kind === 'file' ? prompts.field : 'text'}}}`
}

const exampleCheck = 'category'
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
