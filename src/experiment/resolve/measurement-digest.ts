/**
 * The digest of everything that affects what a config measures. Keys, labels, titles and hypotheses are not part of
 * it, so renaming invalidates no result. Neither are details that do not affect the measurement: whether the model is
 * pulled, its declared size, the password in a URL.
 */
import { jsonDigest } from '../../json/json.ts'
import type { Dataset, MeasuredConfig, RecordedFigure, Workload } from '../experiment.ts'
import { digestParts } from '../target-kinds.ts'

export type Measurement = Pick<
  MeasuredConfig,
  'target' | 'host' | 'env' | 'options' | 'model' | 'workload' | 'dataset'
>

export function measurementDigest(measurement: Measurement): string {
  const { target, host, env, options, model, workload, dataset } = measurement
  return jsonDigest({
    target: digestParts(target),
    host,
    env,
    options,
    model: model.name,
    workload: workloadIdentity(workload),
    dataset: dataset.digest,
  })
}

/** The digest of a recorded config covers its figures. */
export function recordedDigest(figures: readonly RecordedFigure[]): string {
  return jsonDigest({ recorded: figures.toSorted((a, b) => (a.metric < b.metric ? -1 : 1)) })
}

export function datasetDigest({ samples, checks }: Pick<Dataset, 'samples' | 'checks'>): string {
  return jsonDigest({ samples, checks })
}

/** Keeps the order of keys in a JSON schema: it is sent as written, and determines the order of the answer's properties. */
function workloadIdentity({ format, ...rest }: Workload): object {
  return { ...rest, format: format === undefined ? undefined : JSON.stringify(format) }
}
