import type { DatasetDraft } from '../draft.ts'
import type { Check, Dataset, Sample, Scalar } from '../experiment.ts'
import type { WrittenCheck, WrittenSample } from '../schema/written-dataset.ts'
import { wholeAnswer } from '../score.ts'
import { datasetDigest } from './measurement-digest.ts'

/** The dataset; undefined if it has no name or no samples. */
export function resolveDataset(draft: DatasetDraft): Dataset | undefined {
  const { name } = draft
  if (name === undefined || draft.samples.size === 0) return undefined
  const samples = [...draft.samples].map(([index, sample]) => resolveSample(sample, index))
  const checks = [...draft.checks.values()].map(resolveCheck)
  return { name, samples, checks, digest: datasetDigest({ samples, checks }) }
}

/** The default id of a sample is its position: `s1`, `s2`, … */
export function resolveSample(written: WrittenSample, index: number): Sample {
  const { id: own, expected, ...rest } = written
  const id = String(own ?? `s${index + 1}`)
  return { id, fields: { ...(rest as Record<string, Scalar>), id }, expected: expectedOf(expected) }
}

function expectedOf(expected: WrittenSample['expected']): Readonly<Record<string, Scalar>> {
  if (expected === undefined) return {}
  return typeof expected === 'object' ? expected : { [wholeAnswer]: expected }
}

function resolveCheck({ name, field, measure, range, pattern }: WrittenCheck): Check {
  return {
    name,
    measure,
    ...(field === undefined ? {} : { field }),
    ...(range === undefined ? {} : { range }),
    ...(pattern === undefined ? {} : { pattern }),
  }
}
