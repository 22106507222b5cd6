/** The experiment that would test a cause which a report names. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseDocument } from 'yaml'
import type { Analysis } from '../analysis/analysis.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import { nextExperiment } from '../diagnosis/next-experiment.ts'
import { nextTrial } from '../diagnosis/next-trial.ts'
import { insteadOfPlan, isCause, testableCauses } from '../diagnosis/rules.ts'
import { ExpError } from '../errors/exp-error.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import { nextTexts } from '../report/next-texts.ts'
import type { TemplateSet } from '../templates/templates.ts'
import type { Rendered } from './renderer.ts'

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
  throw refusal(experiment.id, analysis, diagnosis, cause)
}

/** Why there is no such file: the report does not name the cause, or it names it and no file can test it. */
export function refusal(
  id: string,
  analysis: Analysis,
  diagnosis: Diagnosis,
  cause: string,
): ExpError {
  const known = testableCauses.filter((each) => nextTrial(analysis, diagnosis, each) !== undefined)
  if (!isNamed(diagnosis, cause))
    return new ExpError(
      'invalid-input',
      `the report of \`${id}\` names no cause \`${cause}\``,
      known.length === 0
        ? 'it names none that an experiment could test'
        : didYouMean(cause, known, `it names, and an experiment could test: ${known.join(', ')}`),
    )
  const others = known.length === 0 ? '' : `; of the others it could test: ${known.join(', ')}`
  const instead =
    (isCause(cause) ? insteadOfPlan(cause) : undefined) ??
    'follow what the report recommends for it'
  return new ExpError(
    'invalid-input',
    `no experiment file can put \`${cause}\` to the test here`,
    `${instead}, then measure the same file again${others}`,
  )
}

function isNamed({ explanations, settings }: Diagnosis, cause: string): boolean {
  const findings = [...explanations.flatMap((each) => each.findings), ...settings]
  return findings.some((each) => each.cause === cause)
}

/** As the experiment's file names it; undefined where the dataset is written in place. */
function datasetPath(root: string, file: string): string | undefined {
  const named: unknown = parseDocument(readFileSync(path.resolve(root, file), 'utf8')).get(
    'dataset',
  )
  return typeof named === 'string' ? named : undefined
}
