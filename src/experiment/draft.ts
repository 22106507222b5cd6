/**
 * Reads each part of a file separately, so that rules can check one part even if another is malformed. Input: a
 * source. Output: its well-formed parts, and the schema problems of the other parts.
 */
import { z } from 'zod'
import type { Dataset } from './dataset.ts'
import type { Config } from './experiment.ts'
import type { Grid } from './grid.ts'
import type { CapacitySearch } from './levels/capacity-search.ts'
import type { LoadSeries } from './levels/load-series.ts'
import { parsePart, valueAt } from './parse-part.ts'
import type { Problem } from './problem.ts'
import { schemaProblems } from './schema/schema-problems.ts'
import type { WrittenCheck, WrittenSample } from './schema/written-dataset.ts'
import { writtenDataset } from './schema/written-dataset.ts'
import type { WrittenConfig, WrittenExperiment } from './schema/written-experiment.ts'
import type { WrittenHypothesis } from './schema/written-hypothesis.ts'
import { writtenConfig, writtenExperiment } from './schema/written-experiment.ts'
import { writtenHypothesis } from './schema/written-hypothesis.ts'
import type { WrittenMixItem } from './schema/written-workload.ts'
import type { Path, Source } from './source/source.ts'

/** For a file that contains its dataset: `draftDataset` checks the dataset separately. */
const schemaWithoutDataset = writtenExperiment.extend({ dataset: z.unknown() })
const topSchema = writtenExperiment
  .omit({ configs: true, hypotheses: true, dataset: true })
  .partial()

/** The well-formed parts of an experiment. A part is missing if the file lacks it or it is malformed. */
export interface Draft {
  /** The source, with text in place of numbers where only text is valid. */
  readonly source: Source
  readonly top: z.infer<typeof topSchema>
  /** The keys of all configs in the file's order, including malformed ones. */
  readonly configKeys: readonly string[]
  readonly configs: ReadonlyMap<string, WrittenConfig>
  /** The configs that were made from levels of a load. Absent without levels. */
  readonly series?: readonly LoadSeries[]
  /** Which of these levels a search measures. Absent without `capacity`. */
  readonly search?: CapacitySearch
  /** Present if `vary` was expanded into configs. */
  readonly grid?: Grid
  /** By index in the list. */
  readonly hypotheses: ReadonlyMap<number, WrittenHypothesis>
}

/** The mixes of the file's workload and of configs, each with its path. */
export function writtenMixes({ top, configs }: Draft): readonly {
  /** Key of the config that has the mix. Absent for the mix of the file. */
  readonly config?: string
  readonly path: Path
  readonly items: readonly WrittenMixItem[]
}[] {
  const { mix } = top.workload ?? {}
  return [
    ...(mix === undefined ? [] : [{ path: ['workload', 'mix'], items: mix }]),
    ...[...configs].flatMap(([config, { workload }]) =>
      workload?.mix === undefined
        ? []
        : [{ config, path: ['configs', config, 'workload', 'mix'], items: workload.mix }],
    ),
  ]
}

export interface DatasetDraft {
  readonly source: Source
  /** Path of the dataset in its source. Empty if the dataset is a separate file. */
  readonly path: Path
  /** The name in `exp.local.yaml`, if the file is not part of the project. It replaces the name in the file. */
  readonly privateName?: string
  /** True if every part is well formed. */
  readonly isComplete: boolean
  readonly name?: string
  readonly samples: ReadonlyMap<number, WrittenSample>
  readonly checks: ReadonlyMap<number, WrittenCheck>
}

export interface DraftedDataset {
  /** Absent if the dataset could not be read. */
  readonly draft?: DatasetDraft
  /** The resolved dataset. Also present for a private dataset that is not on this machine; it then has no samples. */
  readonly dataset?: Dataset
}

export interface FileDatasets {
  /** The dataset that configs use by default. Absent if the file names none. */
  readonly defaultDataset?: DraftedDataset
  /** The datasets that configs or items of mixes name themselves, by the name as written. */
  readonly byName: ReadonlyMap<string, DraftedDataset>
}

/** The datasets of the file and of its configs, each once. */
export function datasetsIn({ defaultDataset, byName }: FileDatasets): readonly DraftedDataset[] {
  return [
    ...new Set([...(defaultDataset === undefined ? [] : [defaultDataset]), ...byName.values()]),
  ]
}

/** The drafts of the datasets that could be read. */
export function draftsIn(datasets: FileDatasets): readonly DatasetDraft[] {
  return datasetsIn(datasets).flatMap(({ draft }) => draft ?? [])
}

/** The input of a rule. */
export interface FileRuleInput {
  readonly draft: Draft
  readonly datasets: FileDatasets
  /** The configs that could be resolved, in the file's order. */
  readonly configs: readonly Config[]
}

/** Checks whether well-formed parts fit together, and returns the problems. */
export type FileRule = (input: FileRuleInput) => readonly Problem[]

/** The well-formed parts of a source, and the problems of its other parts. */
export interface Drafted<T> {
  readonly draft: T
  readonly problems: readonly Problem[]
}

export function draftExperiment(original: Source): Drafted<Draft> {
  const parts = asRecord(original.value)
  const isInPlace = Object.keys(asRecord(parts['dataset'])).length > 0
  const schema: z.ZodType<Omit<WrittenExperiment, 'dataset'>> = isInPlace
    ? schemaWithoutDataset
    : writtenExperiment
  const { source, data } = parsePart(original, [], schema)
  if (data !== undefined) return { draft: draftFromValid(source, data), problems: [] }
  return draftFromParts(source, schema)
}

function draftFromParts(source: Source, schema: z.ZodType): Drafted<Draft> {
  const parts = asRecord(source.value)
  return {
    draft: {
      source,
      top: parseValidKeys(parts),
      configKeys: source.keys(['configs']),
      configs: new Map(
        source.keys(['configs']).flatMap((key) => {
          const config = parseIgnoringUnknownKeys(writtenConfig, asRecord(parts['configs'])[key])
          return config === undefined ? [] : [[key, config] as const]
        }),
      ),
      hypotheses: entries(writtenHypothesis, parts['hypotheses']),
    },
    problems: schemaProblems(source, [], schema, source.value),
  }
}

/** The fast path for a well-formed file: no part is parsed separately. */
function draftFromValid(source: Source, written: Omit<WrittenExperiment, 'dataset'>): Draft {
  const { configs, hypotheses = [], ...top } = written
  return {
    source,
    top,
    configKeys: source.keys(['configs']),
    configs: new Map(
      source.keys(['configs']).flatMap((key) => {
        const config = configs[key]
        return config === undefined ? [] : [[key, config] as const]
      }),
    ),
    hypotheses: new Map(hypotheses.entries()),
  }
}

/** @param path of the dataset in its source; empty if the dataset is a separate file */
export function draftDataset(original: Source, path: Path): Drafted<DatasetDraft> {
  const { source, data } = parsePart(original, path, writtenDataset)
  if (data !== undefined) {
    const { name, samples, checks = [] } = data
    const [bySample, byCheck] = [new Map(samples.entries()), new Map(checks.entries())]
    return {
      draft: { source, path, isComplete: true, name, samples: bySample, checks: byCheck },
      problems: [],
    }
  }
  const value = valueAt(source, path)
  const parts = asRecord(value)
  const name = parseIgnoringUnknownKeys(writtenDataset.shape.name, parts['name'])
  const problems = schemaProblems(source, path, writtenDataset, value)
  return {
    draft: {
      source,
      path,
      isComplete: problems.length === 0,
      ...(name === undefined ? {} : { name }),
      samples: entries(writtenDataset.shape.samples.element, parts['samples']),
      checks: entries(writtenDataset.shape.checks.unwrap().element, parts['checks']),
    },
    problems,
  }
}

/** The top-level keys whose values are well formed. */
function parseValidKeys(parts: Readonly<Record<string, unknown>>): Draft['top'] {
  const written = pick(parts, Object.keys(topSchema.shape))
  const result = topSchema.safeParse(written)
  if (result.success) return result.data
  const broken = new Set(result.error.issues.map(({ path }) => path[0]))
  return topSchema.parse(
    pick(
      written,
      Object.keys(written).filter((key) => !broken.has(key)),
    ),
  )
}

function entries<T>(schema: z.ZodType<T>, value: unknown): ReadonlyMap<number, T> {
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  return new Map(
    items.flatMap((item, index) => {
      const entry = parseIgnoringUnknownKeys(schema, item)
      return entry === undefined ? [] : [[index, entry] as const]
    }),
  )
}

/** The value without its unknown keys; undefined if it is still malformed without them. */
function parseIgnoringUnknownKeys<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const first = schema.safeParse(value)
  if (first.success) return first.data
  const unknown = first.error.issues.filter((issue) => issue.code === 'unrecognized_keys')
  if (unknown.length === 0) return undefined
  const copy: unknown = structuredClone(value)
  for (const { path, keys } of unknown) {
    const parent = path.reduce<unknown>((node, step) => asRecord(node)[String(step)], copy)
    for (const key of keys) Reflect.deleteProperty(asRecord(parent), key)
  }
  return schema.safeParse(copy).data
}

function pick(parts: Readonly<Record<string, unknown>>, keys: readonly string[]) {
  return Object.fromEntries(keys.filter((key) => key in parts).map((key) => [key, parts[key]]))
}

/** An object or array by its keys; an empty object for anything else. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
