/** The samples, the workload and the rounds of a new experiment: everything but its configs. */
import type { WordId, Words } from '../templates/words.ts'
import type { Choices } from './choices.ts'
import { exampleCheck } from './new-claims.ts'

/** The most tokens that an answer of a new experiment may have. */
export const answerTokens = 64

/** The model, the samples, the workload, the objectives and the rounds. */
export function measurementParts(name: string, choices: Choices, words: Words<'init'>) {
  const { locale, users, duration, atLeast, atMost, rounds, prompts, objectives } = choices
  const { ramp, pause, capacity, mix } = choices
  const isExample = prompts.kind === 'example'
  const [one, ...more] = users
  const load = { users: more.length === 0 ? one : users, duration, atLeast, atMost }
  return {
    locale,
    ...(mix === undefined ? { model: choices.models[0] } : {}),
    dataset: dataset(name, choices, words),
    workload: {
      api: 'chat',
      prompt: isExample
        ? words.text('prompt', { field: promptPlaceholder(choices) })
        : promptPlaceholder(choices),
      options: { temperature: 0, seed: 42, num_predict: answerTokens },
      think: false,
      ...(isExample ? { format: exampleFormat } : {}),
      ...(mix === undefined ? {} : { mix }),
      load: {
        ...load,
        ...(ramp === undefined ? {} : { ramp }),
        ...(pause === undefined ? {} : { pause }),
      },
      warmup: { requests: warmupRequests(choices) },
      cache: 'cold',
    },
    ...(Object.keys(objectives).length === 0 ? {} : { slo: objectives }),
    ...(capacity === undefined ? {} : { capacity: { of: 'users', upTo: capacity } }),
    rounds,
    budget: '30m',
    whenUnavailable: 'fail',
  }
}

/** At least one for each user, and at least one block of a mix, so that each of its models is loaded. */
function warmupRequests({ users, mix = [] }: Choices): number {
  const block = mix.reduce((sum, { weight }) => sum + weight, 0)
  return Math.max(...users, block)
}

/** The comment that explains the keys of the load. */
export function loadComment({ users, pause }: Choices, words: Words<'init'>): string {
  return [
    words.text('comment.load'),
    ...(users.length > 1 ? [words.text('comment.levels')] : []),
    words.text('comment.window'),
    ...(pause === undefined ? [] : [words.text('comment.pause')]),
  ].join('\n ')
}

/** The placeholder in the prompt for the text of a sample. */
export function promptPlaceholder({ prompts }: Choices): string {
  return `{{${prompts.kind === 'file' ? prompts.field : 'text'}}}`
}

const categories = ['comment', 'advert'] as const
const exampleFormat = {
  type: 'object',
  properties: { [exampleCheck]: { type: 'string', enum: [...categories] } },
  required: [exampleCheck],
}

function dataset(name: string, { prompts }: Choices, words: Words<'init'>) {
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

/** The length of the longest task, in bytes. */
export function longestTask(words: Words<'init'>): number {
  return Math.max(...tasks.map((id) => Buffer.byteLength(words.text(id))))
}
