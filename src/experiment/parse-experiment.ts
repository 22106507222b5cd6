/**
 * The main file of the room, which reads and writes experiment files. Input: the text of a file. Output: an
 * `Experiment`, or all problems of the file, each with its position. Pure: the texts are passed in. All stages report
 * together: a mistake in one part does not hide the problems of another.
 */
import { limits } from '../errors/limits.ts'
import { quoted } from '../errors/quote.ts'
import {
  type DatasetDraft,
  type Draft,
  type FileRule,
  type FileRuleInput,
  asRecord,
  draftDataset,
  draftExperiment,
} from './draft.ts'
import type { Experiment, LogExcerpt } from './experiment.ts'
import { type Problem, byPosition } from './problem.ts'
import { resolveConfig } from './resolve/resolve-config.ts'
import { resolveDataset, resolveExperiment, resolveWorkload } from './resolve/resolve-experiment.ts'
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
import { checks, promptFields, uniqueIds } from './rules/dataset.ts'
import { secrets } from './rules/secrets.ts'
import { ineffectiveSettings, unknownOptions } from './rules/settings.ts'
import { rounds, timeLimits } from './rules/workload.ts'
import { absolutePath, readLogs } from './source/log-excerpt.ts'
import { isSamplesFile, readSamplesFile } from './source/samples-file.ts'
import { readSource, type Source } from './source/source.ts'

export interface ExperimentText {
  /** As shown to users, with forward slashes. */
  readonly file: string
  readonly text: string
  /** Reads the dataset file at a path relative to the experiment file; undefined if it does not exist. */
  readonly readDataset: (path: string) => FileText | undefined
  /** Reads a log excerpt likewise. Absent if the text stands alone, without files beside it. */
  readonly readLog?: (path: string) => FileText | undefined
}

export type FileText =
  | { readonly file: string; readonly text: string }
  /** Why the file cannot be read although it exists: for example, it is a folder. */
  | { readonly failure: string }

export interface ParsedExperiment {
  /** Absent if any problem is an error. */
  readonly experiment?: Experiment
  /** Errors and warnings in order of position. Those of the experiment file come before those of the dataset file. */
  readonly problems: readonly Problem[]
  /** The text of each file with problems, for `formatProblems`. */
  readonly texts: ReadonlyMap<string, string>
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
  rounds,
  ineffectiveSettings,
  unknownOptions,
  secrets,
  uniqueIds,
  checks,
  promptFields,
]

/** Never throws. */
export function parseExperiment({
  file,
  text,
  readDataset,
  readLog,
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
  const dataset = readDatasetOf(draft.source, readDataset, texts)
  const { logs, problems: logProblems } = readLogs(draft, readLog)
  const input = ruleInputOf(draft, dataset.draft, logs)
  const problems = [
    ...nameProblems,
    ...yamlProblems,
    ...formProblems,
    ...dataset.problems,
    ...logProblems,
    ...rules.flatMap((rule) => rule(input)),
  ].toSorted((a, b) => Number(b.file === file) - Number(a.file === file) || byPosition(a, b))
  if (id === undefined || problems.some(({ severity }) => severity === 'error'))
    return { problems, texts }
  return { experiment: resolveExperiment(id, input), problems, texts }
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

interface ReadDataset {
  readonly draft?: DatasetDraft
  readonly problems: readonly Problem[]
}

/** Reads the dataset from the experiment file, or from a dataset file, whose text is then added to `texts`. */
function readDatasetOf(
  source: Source,
  readDataset: ExperimentText['readDataset'],
  texts: Map<string, string>,
): ReadDataset {
  const written = asRecord(source.value)['dataset']
  if (typeof written !== 'string')
    return Object.keys(asRecord(written)).length === 0
      ? { problems: [] }
      : draftDataset(source, ['dataset'])
  const missing = (message: string, hint: string): ReadDataset => ({
    problems: [source.problem(['dataset'], { code: 'missing-dataset', message, hint })],
  })
  if (absolutePath.test(written))
    return missing(
      `${quoted(written)} is an absolute path`,
      'write the path relative to this file: `datasets/NAME.yaml`',
    )
  const found = readDataset(written)
  if (found === undefined)
    return missing(
      `the file ${quoted(written)} does not exist`,
      'write the path relative to this file, or write the dataset into this file',
    )
  if ('failure' in found)
    return missing(
      `${quoted(written)} cannot be read: ${found.failure}`,
      'name a YAML, CSV, JSONL or text file',
    )
  texts.set(found.file, found.text)
  if (isSamplesFile(found.file)) {
    const { source: lines, problems } = readSamplesFile(found.file, found.text, limits.dataset)
    const drafted = lines && draftDataset(lines, [])
    return {
      ...(drafted && { draft: drafted.draft }),
      problems: [...problems, ...(drafted?.problems ?? [])],
    }
  }
  const { source: read, problems } = readSource(found.file, found.text, limits.dataset)
  if (read === undefined) return { problems }
  const drafted = draftDataset(read, [])
  return { draft: drafted.draft, problems: [...problems, ...drafted.problems] }
}

function ruleInputOf(
  draft: Draft,
  dataset: DatasetDraft | undefined,
  logs: ReadonlyMap<string, LogExcerpt>,
): FileRuleInput {
  const { model, workload } = draft.top
  const resolved = dataset === undefined ? undefined : resolveDataset(dataset)
  const common = {
    logs,
    ...(model === undefined ? {} : { model }),
    ...(workload === undefined
      ? {}
      : { options: workload.options, workload: resolveWorkload(workload) }),
    ...(resolved === undefined ? {} : { dataset: resolved }),
  }
  const configs = draft.configKeys.flatMap((key) => resolveConfig(draft.configs, key, common) ?? [])
  return { draft, configs, ...(dataset === undefined ? {} : { dataset }) }
}
