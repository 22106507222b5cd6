/**
 * The experiment file that `exp init` writes: a valid file with a comment on each part. It tests whether
 * `OLLAMA_NUM_PARALLEL` helps, the first question of many users.
 */
import type { WrittenExperiment } from '../experiment/schema/written-experiment.ts'
import { writtenExperiment } from '../experiment/schema/written-experiment.ts'
import { yamlText } from '../experiment/write-experiment.ts'
import { type Locale, locales } from '../format/locales.generated.ts'
import type { WordId, Words } from '../templates/words.ts'

type InitWords = Words<'init'>

/** @param name the name of the experiment and of its file */
export function newExperimentText(name: string, locale: Locale, words: InitWords): string {
  const file = `experiments/${name}.yaml`
  return yamlText(newExperiment(name, locale, words), {
    header: [
      words.say('header.validate', { file }),
      words.say('header.try', { file }),
      words.say('header.run', { file, report: `reports/${name}/README.md` }),
    ],
    comments: [
      ...commentedKeys.map(([id, ...path]) => ({ path, text: words.say(id) })),
      { path: ['locale'], text: words.say('comment.locale', { locales: locales.join(', ') }) },
      { path: ['workload', 'prompt'], text: words.say('comment.prompt', { field }) },
    ],
    isCompact: true,
  })
}

/** The placeholder in the prompt for the sample's text. */
const field = '{{text}}'

type PlainWord = Exclude<WordId<'init'> & `comment.${string}`, 'comment.locale' | 'comment.prompt'>

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
  ['comment.target', 'configs', 'default', 'target'],
  ['comment.from', 'configs', 'parallel', 'from'],
  ['comment.baseline', 'baseline'],
  ['comment.hypotheses', 'hypotheses'],
]

function newExperiment(name: string, locale: Locale, words: InitWords): WrittenExperiment {
  const categories = ['comment', 'advert'] as const
  return writtenExperiment.parse({
    title: name,
    question: words.say('question'),
    locale,
    model: 'qwen3:0.6b',
    dataset: {
      name,
      samples: categories.map((category, index) => ({
        id: `s${index + 1}`,
        text: words.say(`sample.${category}`),
        expected: { category },
      })),
      checks: [{ name: 'category', field: 'category', measure: 'exact' }],
    },
    workload: {
      api: 'chat',
      prompt: words.say('prompt', { field }),
      options: { temperature: 0, seed: 42, num_predict: 64 },
      think: false,
      format: {
        type: 'object',
        properties: { category: { type: 'string', enum: [...categories] } },
        required: ['category'],
      },
      load: { users: 3, duration: '30s', atLeast: 20, atMost: '5m' },
      warmup: { requests: 3 },
      cache: 'cold',
    },
    rounds: 6,
    budget: '30m',
    whenUnavailable: 'fail',
    configs: {
      default: { label: words.say('label.default'), target: 'process' },
      parallel: {
        from: 'default',
        label: words.say('label.parallel'),
        env: { OLLAMA_NUM_PARALLEL: 4 },
      },
    },
    baseline: 'default',
    hypotheses: [
      {
        id: 'H1',
        statement: words.say('statement.rate'),
        claim: { metric: 'qps', config: 'parallel', change: '>= 10%' },
      },
      {
        id: 'H2',
        statement: words.say('statement.quality'),
        claim: { metric: 'score.category', config: 'parallel', same: '5pp' },
      },
    ],
  })
}
