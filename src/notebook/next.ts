/** The experiment that would test a cause which a report names. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseDocument } from 'yaml'
import { diagnose } from '../diagnosis/diagnose.ts'
import { nextExperiment } from '../diagnosis/next-experiment.ts'
import { nextTrial, testableCauses } from '../diagnosis/next-trial.ts'
import { ExpError } from '../errors/exp-error.ts'
import { meant } from '../experiment/nearest.ts'
import { nextTexts } from '../report/next-texts.ts'
import type { TemplateSet } from '../report/report-input.ts'
import type { Rendered } from './rendered.ts'

export interface NextFile {
  /** From the project's root: `experiments/docker-opt-slots.yaml`. */
  readonly file: string
  readonly text: string
}

/**
 * @param templates of the experiment's first locale
 * @throws ExpError `invalid-input` where the report names no such cause, or no experiment on its configs would test it
 */
export function nextFile(
  root: string,
  { experiment, results: { analysis }, draft }: Rendered,
  cause: string,
  templates: TemplateSet,
): NextFile {
  const diagnosis = diagnose(experiment, analysis)
  const trial = nextTrial(analysis, diagnosis, cause)
  const dataset = datasetPath(root, experiment.file)
  const text =
    trial &&
    nextExperiment({
      experiment,
      analysis,
      trial,
      version: draft.version,
      texts: nextTexts({ experiment, templates }, trial),
      ...(dataset === undefined ? {} : { dataset }),
    })
  if (text !== undefined) return { file: `experiments/${experiment.id}-${cause}.yaml`, text }
  const known = testableCauses.filter((id) => nextTrial(analysis, diagnosis, id) !== undefined)
  throw new ExpError(
    'invalid-input',
    `the report of \`${experiment.id}\` names no cause \`${cause}\` that an experiment could test`,
    known.length === 0
      ? 'it names none that could be tested'
      : meant(cause, known, `it names: ${known.join(', ')}`),
  )
}

/** As the experiment's file names it; undefined where the dataset is written in place. */
function datasetPath(root: string, file: string): string | undefined {
  const named: unknown = parseDocument(readFileSync(path.resolve(root, file), 'utf8')).get(
    'dataset',
  )
  return typeof named === 'string' ? named : undefined
}
