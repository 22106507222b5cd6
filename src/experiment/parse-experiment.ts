/**
 * The main file of the room, which reads and writes experiment files. Input: the text of a file. Output: an
 * `Experiment`, or all problems of the file, each with its position. Pure: the texts are passed in. All stages report
 * together: a mistake in one part does not hide the problems of another.
 */
import { limits } from '../errors/limits.ts'
import { quoted } from '../errors/quote.ts'
import type { Locale } from '../format/locales.generated.ts'
import { type Draft, type FileRule, type FileRuleInput, draftExperiment } from './draft.ts'
import type { Experiment, LogExcerpt } from './experiment.ts'
import { type Problem, byPosition } from './problem.ts'
import { resolveConfig } from './resolve/resolve-config.ts'
import { localesOf, resolveExperiment, resolveWorkload } from './resolve/resolve-experiment.ts'
import { claims, shownMetrics, untilMetric } from './rules/claims.ts'
import {
  atLeastOneConfig,
  measuringRequirements,
  recordedFacts,
  recordedFigures,
  sameMeasurement,
  targetOrRecorded,
  tooManyConfigs,
  configNames,
  fromCycles,
} from './rules/configs.ts'
import { checks, privatePrompts, promptFields, uniqueIds } from './rules/dataset.ts'
import { secrets } from './rules/secrets.ts'
import { ineffectiveSettings, unknownOptions } from './rules/settings.ts'
import { missingTexts } from './rules/texts.ts'
import { ramp, rounds, timeLimits } from './rules/workload.ts'
import { readLogs } from './source/log-excerpt.ts'
import {
  readDatasetOf,
  type DatasetReaders,
  type FileText,
  type ReadDataset,
} from './source/read-dataset.ts'
import { readSource } from './source/source.ts'
import { languagesFor } from './texts.ts'

export interface ExperimentText extends DatasetReaders {
  /** As shown to users, with forward slashes. */
  readonly file: string
  readonly text: string
  /** Reads a log excerpt likewise. Absent if the text stands alone, without files beside it. */
  readonly readLog?: (path: string) => FileText | undefined
}

export interface ParsedExperiment {
  /** Absent if any problem is an error. */
  readonly experiment?: Experiment
  /** Errors and warnings in order of position. Those of the experiment file come before those of the dataset file. */
  readonly problems: readonly Problem[]
  /** The text of each file with problems, for `formatProblems`. */
  readonly texts: ReadonlyMap<string, string>
  /** The private dataset that the experiment uses, if it is on this machine: messages about it may quote it. */
  readonly privateFile?: string
}

const rules: readonly FileRule[] = [
  atLeastOneConfig,
  configNames,
  fromCycles,
  targetOrRecorded,
  measuringRequirements,
  recordedFigures,
  recordedFacts,
  sameMeasurement,
  claims,
  untilMetric,
  shownMetrics,
  timeLimits,
  ramp,
  rounds,
  ineffectiveSettings,
  unknownOptions,
  secrets,
  uniqueIds,
  checks,
  promptFields,
  privatePrompts,
  missingTexts,
]

/** Never throws. */
export function parseExperiment({
  file,
  text,
  readLog,
  ...datasets
}: ExperimentText): ParsedExperiment {
  const texts = new Map([[file, text]])
  const id = idOf(file)
  const nameProblems = id === undefined ? [fileNameProblem(file)] : []
  const read = readSource(file, text, limits.experiment)
  const yamlProblems = read.problems
  if (read.source === undefined) return { problems: [...nameProblems, ...yamlProblems], texts }
  const { draft, problems: formProblems } = draftExperiment(read.source)
  const tooMany = tooManyConfigs(draft)
  if (tooMany.length > 0) return { problems: [...nameProblems, ...yamlProblems, ...tooMany], texts }
  const asked = localesOf(draft.top.locale)
  const languages = languagesFor(asked[0], asked)
  const dataset = readDatasetOf(draft.source, datasets, languages)
  if (dataset.text !== undefined) texts.set(dataset.text.file, dataset.text.text)
  const { logs, problems: logProblems } = readLogs(draft, readLog)
  const input = ruleInputOf(draft, dataset, logs, languages)
  const problems = [
    ...nameProblems,
    ...yamlProblems,
    ...formProblems,
    ...dataset.problems,
    ...logProblems,
    ...rules.flatMap((rule) => rule(input)),
  ].toSorted((a, b) => Number(b.file === file) - Number(a.file === file) || byPosition(a, b))
  const isPrivate = dataset.draft?.privateName !== undefined
  const privateFile = isPrivate && dataset.text ? { privateFile: dataset.text.file } : {}
  if (id === undefined || problems.some(({ severity }) => severity === 'error'))
    return { problems, texts, ...privateFile }
  return { experiment: resolveExperiment(id, input), problems, texts, ...privateFile }
}

/** `docker-opt` for `experiments/docker-opt.yaml`; undefined if the name is not suitable for a folder. */
function idOf(file: string): string | undefined {
  const name = file
    .split(/[/\\]/)
    .at(-1)
    ?.replace(/\.ya?ml$/i, '')
  return name !== undefined &&
    /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u.test(name) &&
    name.length <= 100
    ? name
    : undefined
}

function fileNameProblem(file: string): Problem {
  return {
    code: 'file-name',
    severity: 'error',
    message: `${quoted(file.split('/').at(-1) ?? file)} is not a valid name for an experiment`,
    hint: 'use letters, digits, `-`, `_` and `.`: it becomes the name of a folder in `reports/`',
    file,
    line: 1,
    column: 1,
    length: 1,
  }
}

function ruleInputOf(
  draft: Draft,
  { draft: datasetDraft, dataset }: ReadDataset,
  logs: ReadonlyMap<string, LogExcerpt>,
  languages: readonly Locale[],
): FileRuleInput {
  const { model, workload } = draft.top
  const common = {
    languages,
    logs,
    ...(model === undefined ? {} : { model }),
    ...(workload === undefined
      ? {}
      : { options: workload.options, workload: resolveWorkload(workload) }),
    ...(dataset === undefined ? {} : { dataset }),
  }
  const configs = draft.configKeys.flatMap((key) => resolveConfig(draft.configs, key, common) ?? [])
  return {
    draft,
    configs,
    ...(datasetDraft === undefined ? {} : { dataset: datasetDraft }),
    ...(dataset === undefined ? {} : { resolvedDataset: dataset }),
  }
}
