/**
 * Reads each part of a file separately, so that rules can check one part even if another is malformed. Input: a
 * source. Output: its well-formed parts, and the schema problems of the other parts.
 */
import { z } from 'zod'
import type { Config } from './experiment.ts'
import type { Problem } from './problem.ts'
import { schemaProblems } from './schema/schema-problems.ts'
import type { WrittenCheck, WrittenSample } from './schema/written-dataset.ts'
import { writtenDataset } from './schema/written-dataset.ts'
import type {
  WrittenConfig,
  WrittenExperiment,
  WrittenHypothesis,
} from './schema/written-experiment.ts'
import { writtenConfig, writtenExperiment, writtenHypothesis } from './schema/written-experiment.ts'
import type { Path, Source } from './source/source.ts'

/** For a file that contains its dataset: `draftDataset` checks the dataset separately. */
const formWithoutDataset = writtenExperiment.extend({ dataset: z.unknown() })
const topForm = writtenExperiment.omit({ configs: true, hypotheses: true, dataset: true }).partial()

/** The well-formed parts of an experiment. A part is missing if the file lacks it or it is malformed. */
export interface Draft {
  readonly source: Source
  readonly top: z.infer<typeof topForm>
  /** The keys of all configs, also of malformed ones, in the file's order. */
  readonly configKeys: readonly string[]
  readonly configs: ReadonlyMap<string, WrittenConfig>
  /** By index in the list. */
  readonly hypotheses: ReadonlyMap<number, WrittenHypothesis>
}

export interface DatasetDraft {
  readonly source: Source
  /** Path of the dataset in its source. It is empty if the dataset is a file of its own. */
  readonly path: Path
  /** True if every part is well formed. */
  readonly isComplete: boolean
  readonly name?: string
  readonly samples: ReadonlyMap<number, WrittenSample>
  readonly checks: ReadonlyMap<number, WrittenCheck>
}

/** The input of a rule. */
export interface FileRuleInput {
  readonly draft: Draft
  /** Absent if the experiment has no dataset, or it could not be read. */
  readonly dataset?: DatasetDraft
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

export function draftExperiment(source: Source): Drafted<Draft> {
  const value = source.value
  const parts = asRecord(value)
  const isInPlace = Object.keys(asRecord(parts['dataset'])).length > 0
  const form = isInPlace ? formWithoutDataset : writtenExperiment
  const parsed = form.safeParse(value)
  if (parsed.success) return { draft: draftFromValid(source, parsed.data), problems: [] }
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
    problems: schemaProblems(source, [], form, value),
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

export function draftDataset(source: Source, path: Path, value: unknown): Drafted<DatasetDraft> {
  const parsed = writtenDataset.safeParse(value)
  if (parsed.success) {
    const { name, samples, checks = [] } = parsed.data
    const [bySample, byCheck] = [new Map(samples.entries()), new Map(checks.entries())]
    return {
      draft: { source, path, isComplete: true, name, samples: bySample, checks: byCheck },
      problems: [],
    }
  }
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
  const written = pick(parts, Object.keys(topForm.shape))
  const result = topForm.safeParse(written)
  if (result.success) return result.data
  const broken = new Set(result.error.issues.map(({ path }) => path[0]))
  return topForm.parse(
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
