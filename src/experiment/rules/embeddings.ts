/** Rules for `api: embed`: an embedding has no answer that could be shaped, checked or timed. */
import { quoted } from '../../errors/quote.ts'
import { metricById } from '../../metrics/catalog.ts'
import type { Draft, FileRule } from '../draft.ts'
import type { Problem } from '../problem.ts'
import { inherit } from '../resolve/resolve-config.ts'
import { versusOf } from '../resolve/resolve-experiment.ts'
import { workloadOf } from '../resolve/resolve-workload.ts'
import type { WrittenWorkload } from '../schema/written-workload.ts'
import type { Path } from '../source/source.ts'

/** Keys of a workload that shape an answer. */
const answerKeys = ['system', 'think', 'format'] as const

export const embeddings: FileRule = ({ draft, datasets, configs }) => [
  ...problemsOfWorkloads(draft),
  ...claimProblems(draft),
  ...configs.flatMap((config): readonly Problem[] => {
    if (config.kind !== 'measured' || config.workload.api !== 'embed') return []
    const isOfFile = config.dataset === datasets.defaultDataset?.dataset
    const hasImages = config.dataset.samples.some(({ images }) => images !== undefined)
    if (config.dataset.checks.length === 0 && !hasImages) return []
    const own = ['configs', config.key, 'dataset']
    const place = !isOfFile && draft.source.has(own) ? own : ['dataset']
    if (hasImages)
      return [
        draft.source.problem(place, {
          code: 'image',
          message: `${quoted(config.dataset.name)} has images, and requests for embeddings send texts only`,
          hint: 'remove `images`, or name a dataset without them',
        }),
      ]
    return [
      draft.source.problem(place, {
        code: 'check',
        message: `${quoted(config.dataset.name)} has checks, and an embedding has no answer to check`,
        hint: 'remove `checks`, or name a dataset without them',
      }),
    ]
  }),
]

/** The problems of the workload of the file; without any, those of the workloads that configs change. */
function problemsOfWorkloads(draft: Draft): readonly Problem[] {
  const { source, configs, top } = draft
  if (top.workload === undefined) return []
  const ofFile = workloadProblems(draft, top.workload, ['workload'])
  if (ofFile.length > 0) return ofFile
  return [...configs].flatMap(([key, { workload }]) => {
    const merged = workload && inherit(configs, key)
    const own = merged && workloadOf(top.workload, merged)
    return own && source.has(['configs', key, 'workload'])
      ? workloadProblems(draft, own, ['configs', key, 'workload'])
      : []
  })
}

function workloadProblems(
  { source }: Draft,
  workload: WrittenWorkload,
  path: Path,
): readonly Problem[] {
  const placeOf = (key: string) => (source.has([...path, key]) ? [...path, key] : path)
  if (workload.api !== 'embed')
    return workload.batch === undefined
      ? []
      : [
          source.problem(
            placeOf('batch'),
            {
              code: 'wrong-value',
              message: 'only requests to `embed` have a `batch`',
              hint: 'write `api: embed`, or remove `batch`',
            },
            'key',
          ),
        ]
  return answerKeys
    .filter((key) => workload[key] !== undefined)
    .map((key) =>
      source.problem(
        placeOf(key),
        {
          code: 'wrong-value',
          message: `with \`api: embed\`, ${quoted(key)} has no effect: there is no answer`,
          hint: `remove ${quoted(key)}; put a prefix that the model needs into \`prompt\``,
        },
        'key',
      ),
    )
}

/** Claims about metrics that rest on answers need configs that have answers. */
function claimProblems(draft: Draft): readonly Problem[] {
  const { source, hypotheses, configs, top } = draft
  const isEmbedding = (key: string | undefined) => {
    const merged = key === undefined ? undefined : inherit(configs, key)
    if (merged?.target === undefined) return false
    return (merged.workload?.api ?? top.workload?.api) === 'embed'
  }
  return [...hypotheses].flatMap(([index, { claim }]): readonly Problem[] => {
    const lacking = [claim.config, versusOf(draft, claim)].find(isEmbedding)
    if (lacking === undefined || metricById(claim.metric)?.needsAnswers !== true) return []
    return [
      source.problem(['hypotheses', index, 'claim', 'metric'], {
        code: 'no-figure',
        message: `${quoted(lacking)} has no figure for ${quoted(claim.metric)}: embeddings have no answer`,
        hint: 'claim `inputRate`, `qps`, a latency or `totalThroughput`',
      }),
    ]
  })
}
