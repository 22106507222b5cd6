/** Rules for datasets: ids are unique, checks can be applied, and samples have the fields that the prompt uses. */
import { didYouMean } from '../../errors/did-you-mean.ts'
import { limits } from '../../errors/limits.ts'
import { quoted } from '../../errors/quote.ts'
import {
  type DatasetDraft,
  datasetsIn,
  type Draft,
  draftsIn,
  type FileDatasets,
  type FileRule,
  writtenMixes,
} from '../draft.ts'
import { compilePattern } from '../pattern.ts'
import type { Problem } from '../problem.ts'
import { type PromptField, readPromptTemplate } from '../prompt.ts'
import { inherit } from '../resolve/resolve-config.ts'
import { placedSamples } from '../resolve/resolve-samples.ts'
import type { WrittenCheck } from '../schema/written-dataset.ts'
import { isUnchecked, wholeAnswer } from '../score.ts'
import type { Path, Source } from '../source/source.ts'
import { isRead } from '../values/reading.ts'

export const uniqueIds: FileRule = ({ datasets, draft: { source, hypotheses } }) => [
  ...duplicates([...hypotheses].map(([index, { id }]) => [index, id ?? `H${index + 1}`])).map(
    ([index, id]) =>
      source.problem(['hypotheses', index, 'id'], {
        code: 'duplicate-id',
        message: `the hypothesis id ${quoted(id)} is duplicated`,
        hint: 'give each hypothesis a unique id',
      }),
  ),
  ...[...hypotheses].flatMap(([index, { id }]) =>
    id === '__proto__'
      ? source.problem(['hypotheses', index, 'id'], {
          code: 'reserved-key',
          message: `${quoted(id)} cannot be the id of a hypothesis`,
          hint: 'use another id, such as `H1`',
        })
      : [],
  ),
  ...draftsIn(datasets).flatMap(uniqueIdsInDataset),
]

function uniqueIdsInDataset({ source, path, samples, checks }: DatasetDraft): readonly Problem[] {
  const placed = placedSamples(samples)
  const ids = placed.map(({ sample }, index) => [index, sample.id] as const)
  const names = [...checks].map(([index, { name }]) => [index, name] as const)
  return [
    ...duplicates(ids).map(([index, id]) =>
      source.problem([...path, 'samples', Number(placed[index]?.path[1]), 'id'], {
        code: 'duplicate-id',
        message: `the sample id ${quoted(id)} is duplicated`,
        hint: 'give each sample a unique id: it identifies the answers',
      }),
    ),
    ...duplicates(names).map(([index, name]) =>
      source.problem([...path, 'checks', index, 'name'], {
        code: 'duplicate-id',
        message: `the check name ${quoted(name)} is duplicated`,
        hint: 'give each check a unique name: it names a metric',
      }),
    ),
  ]
}

/** The first entries with the same name as an earlier entry. */
function duplicates(names: readonly (readonly [number, string])[]) {
  const seen = new Set<string>()
  return names.filter(([, name]) => seen.size === seen.add(name).size).slice(0, limits.problems.max)
}

export const checks: FileRule = ({ datasets }) =>
  draftsIn(datasets).flatMap((dataset) =>
    [...dataset.checks].flatMap(([index, check]) => checkProblems(dataset, index, check)),
  )

function checkProblems(dataset: DatasetDraft, index: number, check: WrittenCheck) {
  const { source, path } = dataset
  const checkPath = [...path, 'checks', index]
  const problem = (key: string, message: string, hint: string) =>
    source.problem([...checkPath, key], { code: 'check', message, hint })
  const name = quoted(check.name)
  const problems: Problem[] = []
  if (check.measure === 'closeness') {
    const [low, high] = check.range ?? []
    if (low === undefined || high === undefined)
      problems.push(
        problem('range', `${name} measures closeness, but has no range`, 'add `range: [0, 100]`'),
      )
    else if (low >= high)
      problems.push(
        problem('range', `the range of ${name} is empty`, 'write the lowest value first'),
      )
  } else if (check.range !== undefined)
    problems.push(problem('range', `only \`closeness\` has a range`, 'remove `range`'))
  if (check.measure === 'regex') {
    const pattern = check.pattern === undefined ? undefined : compilePattern(check.pattern)
    if (pattern === undefined)
      problems.push(problem('pattern', `${name} has no pattern`, 'add `pattern: "^\\d+$"`'))
    else if (!isRead(pattern)) problems.push(problem('pattern', pattern.message, pattern.hint))
  } else if (check.pattern !== undefined)
    problems.push(problem('pattern', 'only `regex` has a pattern', 'remove `pattern`'))
  return [...problems, ...expectedProblems(dataset, check, checkPath)]
}

/**
 * The measures `exact`, `contains` and `closeness` need an expected value in every sample. A turn of a conversation without
 * any is not checked.
 */
function expectedProblems(
  { source, path, samples }: DatasetDraft,
  { name, field, measure }: WrittenCheck,
  checkPath: Path,
): readonly Problem[] {
  if (measure === 'regex' || measure === 'json') return []
  const needed = field ?? wholeAnswer
  const needs = `${quoted(name)} needs ${measure === 'closeness' ? 'a number in ' : ''}${quoted(`expected.${needed}`)}`
  const checked = placedSamples(samples)
  const lacking = checked.filter(({ sample }) => {
    const value = sample.expected[needed]
    return value === undefined || (measure === 'closeness' && !Number.isFinite(Number(value)))
  })
  const incomplete = lacking.filter(({ sample }) => !isUnchecked(sample, measure))
  const [first] = incomplete
  if (first === undefined && lacking.length < checked.length) return []
  if (first === undefined || lacking.length === checked.length)
    return [
      source.problem([...checkPath, field === undefined ? 'name' : 'field'], {
        code: 'check',
        message: `${needs}, which no sample has`,
        hint: `add \`expected: {${needed}: …}\` to the samples`,
      }),
    ]
  const { id, expected } = first.sample
  const value = expected[needed]
  return [
    source.problem([...path, ...first.path, 'expected'], {
      code: 'check',
      message: `${needs}, ${value === undefined ? `which sample ${quoted(id)} does not have` : `but sample ${quoted(id)} has ${quoted(value)}`}${andMore(incomplete.length)}`,
      hint: `add \`${needed}: …\` to \`expected\``,
    }),
  ]
}

function andMore(count: number): string {
  return count > 1 ? ` (and ${count - 1} more ${count === 2 ? 'sample' : 'samples'})` : ''
}

/** A prompt with its place in the file, and the dataset whose samples fill it. */
interface PromptPlace {
  readonly path: Path
  readonly prompt: string
  readonly dataset: DatasetDraft | undefined
}

/** Checks each pair of a prompt and a dataset that a config uses once. */
export const promptFields: FileRule = ({ draft, datasets }) => {
  const { defaultDataset } = datasets
  const { configs, source, top } = draft
  if (top.workload === undefined) return []
  const { prompt } = top.workload
  const ofConfigs = [...configs].flatMap(([key, own]): readonly PromptPlace[] => {
    const isOwn = own.workload?.prompt !== undefined
    const merged = isOwn || own.dataset !== undefined ? inherit(configs, key) : undefined
    if (merged === undefined) return []
    const dataset =
      merged.dataset === undefined ? defaultDataset : datasets.byName.get(merged.dataset)
    return [
      {
        path: ['configs', key, ...(isOwn ? ['workload', 'prompt'] : ['dataset'])],
        prompt: merged.workload?.prompt ?? prompt,
        dataset: dataset?.draft,
      },
    ]
  })
  const places = [
    { path: ['workload', 'prompt'], prompt, dataset: defaultDataset?.draft },
    ...ofConfigs,
    ...itemPrompts(draft, datasets),
  ]
  const isFirst = (place: PromptPlace, index: number) =>
    places.findIndex(
      (other) => other.prompt === place.prompt && other.dataset === place.dataset,
    ) === index
  return places.filter(isFirst).flatMap((place) => promptProblems(source, place))
}

/** The items of mixes that have a prompt or a dataset of their own. */
function itemPrompts(
  draft: Draft,
  { defaultDataset, byName }: FileDatasets,
): readonly PromptPlace[] {
  return writtenMixes(draft).flatMap(({ config: key, path, items }) => {
    const config = key === undefined ? undefined : inherit(draft.configs, key)
    const ofConfig = config?.workload?.prompt ?? draft.top.workload?.prompt
    return items.flatMap(({ prompt = ofConfig, ...item }, index): readonly PromptPlace[] => {
      const isOwn = items[index]?.prompt !== undefined
      if (prompt === undefined || (!isOwn && item.dataset === undefined)) return []
      const name = item.dataset ?? config?.dataset
      const dataset = name === undefined ? defaultDataset : byName.get(name)
      return [
        { path: [...path, index, isOwn ? 'prompt' : 'dataset'], prompt, dataset: dataset?.draft },
      ]
    })
  })
}

function promptProblems(
  source: Source,
  { path, prompt, dataset }: PromptPlace,
): readonly Problem[] {
  const template = readPromptTemplate(prompt)
  if (!isRead(template))
    return [
      source.problem(path, {
        code: 'prompt-template',
        message: template.message,
        hint: template.hint,
      }),
    ]
  if (dataset?.isComplete !== true) return []
  const samples = placedSamples(dataset.samples).map(({ sample: { id, fields, expected } }) => {
    return {
      id,
      names: new Set([
        ...Object.keys(fields),
        ...Object.keys(expected).map((key) => `expected.${key}`),
      ]),
    }
  })
  const named = new Map(
    template.value
      .toSorted((a, b) => Number(b.optional) - Number(a.optional))
      .map((field) => [field.name, field]),
  )
  const missing = [...named.values()].flatMap((field) => missingField(field, samples) ?? [])
  const literal = named.size > 0 ? undefined : singleBraces(prompt, samples)
  return [...missing, ...(literal ?? [])].map((details) =>
    source.problem(path, { code: 'prompt-field', ...details }),
  )
}

interface SampleNames {
  readonly id: string
  readonly names: ReadonlySet<string>
}

/** A warning for `{text}` in a prompt without fields: all samples would send the same words. */
function singleBraces(prompt: string, samples: readonly SampleNames[]) {
  const all = new Set(samples.flatMap(({ names }) => [...names]))
  const name = [...prompt.matchAll(/\{([\w.]+)\}/g)]
    .map(([, inner = '']) => inner)
    .find((each) => all.has(each))
  return name === undefined
    ? undefined
    : [
        {
          severity: 'warning' as const,
          message: `${quoted(`{${name}}`)} is sent as it is, and the prompt is the same for every sample`,
          hint: `a field has two braces: ${quoted(`{{${name}}}`)}`,
        },
      ]
}

function missingField({ name, optional }: PromptField, samples: readonly SampleNames[]) {
  const lacking = samples.filter(({ names }) => !names.has(name))
  const [first] = lacking
  if (first === undefined || (optional && lacking.length < samples.length)) return undefined
  const all = [...new Set(samples.flatMap(({ names }) => [...names]))]
  return lacking.length === samples.length
    ? {
        message: `the prompt uses the field ${quoted(name)}, which no sample has`,
        hint: didYouMean(name, all, 'use a field of the samples'),
      }
    : {
        message: `the prompt uses the field ${quoted(name)}, which sample ${quoted(first.id)} does not have${andMore(lacking.length)}`,
        hint: `add it to the sample, or make it optional: \`{{#if ${name}}}…{{/if}}\``,
      }
}

/** A private dataset stays out of git only if its prompts are not stored. */
export const privatePrompts: FileRule = ({ draft: { source, top }, datasets }) => {
  const [first] = datasetsIn(datasets).flatMap(({ dataset }) =>
    dataset?.isPrivate === true ? [dataset] : [],
  )
  return first === undefined || top.keep?.prompts !== 'text'
    ? []
    : [
        source.problem(['keep', 'prompts'], {
          code: 'private-dataset',
          severity: 'warning',
          message: `the dataset ${quoted(first.name)} is private, but the results will contain its prompts`,
          hint: 'write `prompts: digest`, or `none` to store not even a digest',
        }),
      ]
}
