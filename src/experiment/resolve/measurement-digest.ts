/**
 * The digest of what a config asks to be measured. No key, label, title or hypothesis is part of it, so
 * that renaming costs no result; nor is what does not change the measurement: how a model is fetched, the
 * size that a file declares, the password in a URL.
 */
import { digestOf } from '../../json/canonical-json.ts'
import type { Dataset, MeasuredConfig, RecordedFigure, Workload } from '../experiment.ts'
import { digestParts } from '../target-kinds.ts'

export type Measurement = Pick<
  MeasuredConfig,
  'target' | 'host' | 'env' | 'options' | 'model' | 'workload' | 'dataset'
>

export function measurementDigest(measurement: Measurement): string {
  const { target, host, env, options, model, workload, dataset } = measurement
  return digestOf({
    target: digestParts(target),
    host,
    env,
    options,
    model: model.name,
    workload: workloadIdentity(workload),
    dataset: dataset.digest,
  })
}

/** Of a recorded config, its figures. */
export function recordedDigest(figures: readonly RecordedFigure[]): string {
  return digestOf({ recorded: figures.toSorted((a, b) => (a.metric < b.metric ? -1 : 1)) })
}

export function datasetDigest({ samples, checks }: Pick<Dataset, 'samples' | 'checks'>): string {
  return digestOf({ samples, checks })
}

/** A JSON schema is sent as it is written, and the order of its properties is the order of the answer's. */
function workloadIdentity({ format, ...rest }: Workload): object {
  return { ...rest, format: format === undefined ? undefined : JSON.stringify(format) }
}
