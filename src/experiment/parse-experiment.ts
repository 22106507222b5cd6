/**
 * The main file of the room, which reads and writes experiment files. Input: the text of a file. Output: an
 * `Experiment`, or all problems of the file, each with its position. Pure: the texts are passed in. All stages report
 * together: a mistake in one part does not hide the problems of another.
 */
import { limits } from '../errors/limits.ts'
import { quoted } from '../errors/quote.ts'
import type { Locale } from '../format/locales.generated.ts'
import {
  type Draft,
  draftExperiment,
  draftsIn,
  type FileDatasets,
  type FileRule,
  type FileRuleInput,
} from './draft.ts'
import type { Experiment, LogExcerpt } from './experiment.ts'
import { expandLevels } from './levels/expand-levels.ts'
import { type Problem, byPosition, eachOnce } from './problem.ts'
import { resolveConfig } from './resolve/resolve-config.ts'
import { localesOf, resolveExperiment } from './resolve/resolve-experiment.ts'
import { capacityClaims } from './rules/capacity.ts'
import { capacitySearches } from './rules/capacity-search.ts'
import { claims, rankingMetrics, shownMetrics, untilMetric } from './rules/claims.ts'
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
import { conversations } from './rules/conversations.ts'
import { checks, privatePrompts, promptFields, uniqueIds } from './rules/dataset.ts'
import { embeddings } from './rules/embeddings.ts'
import { gridLevels } from './rules/grid.ts'
import { mixes } from './rules/mix.ts'
import { neededObjectives, objectives } from './rules/objectives.ts'
import { secrets } from './rules/secrets.ts'
import { ineffectiveSettings, unknownOptions } from './rules/settings.ts'
import { remoteFolders } from './rules/targets.ts'
import { missingTexts } from './rules/texts.ts'
import { loadsOfConfigs, pause, ramp, rounds, timeLimits } from './rules/workload.ts'
import { tuning } from './rules/tune.ts'
import { readLogs } from './source/log-excerpt.ts'
import { readDatasets, type DatasetReaders, type FileText } from './source/read-dataset.ts'
import { readSource } from './source/source.ts'
import { languagesFor } from './texts.ts'
import { expandVary } from './vary/expand-vary.ts'

export interface ExperimentText extends DatasetReaders {
  /** As shown to users, with forward slashes. */
  readonly file: string
  readonly text: string
  /** Reads a log excerpt in the same way. Absent if the text has no folder from which to read files. */
  readonly readLog?: (path: string) => FileText | undefined
}

export interface ParsedExperiment {
  /** Absent if any problem is an error. */
  readonly experiment?: Experiment
  /** Errors and warnings in order of position. Those of the experiment file come before those of the dataset file. */
  readonly problems: readonly Problem[]
  /** The text of each file with problems, for `formatProblems`. */
  readonly texts: ReadonlyMap<string, string>
  /** The private datasets that the experiment uses and this machine has. Messages may quote their contents. */
  readonly privateFiles?: readonly string[]
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
  rankingMetrics,
  shownMetrics,
  loadsOfConfigs,
  mixes,
  objectives,
  neededObjectives,
  capacityClaims,
  capacitySearches,
  timeLimits,
  ramp,
  pause,
  rounds,
  ineffectiveSettings,
  unknownOptions,
  remoteFolders,
  gridLevels,
  tuning,
  secrets,
  uniqueIds,
  checks,
  promptFields,
  privatePrompts,
  embeddings,
  conversations,
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
  const { source, problems: yamlProblems } = readSource(file, text, limits.experiment)
  if (source === undefined) return { problems: [...nameProblems, ...yamlProblems], texts }
  const withProblems = (problems: readonly Problem[]): ParsedExperiment => ({
    problems: [...nameProblems, ...yamlProblems, ...problems],
    texts,
  })
  const tooManyWritten = tooManyConfigs(source, source.keys(['configs']).length)
  if (tooManyWritten.length > 0) return withProblems(tooManyWritten)
  const levels = expandLevels(source)
  if (levels.isTooLarge === true) return withProblems(levels.problems)
  const { draft: drafted, problems: formProblems } = draftExperiment(levels.source)
  const written = {
    ...drafted,
    ...(levels.series.length === 0 ? {} : { series: levels.series }),
    ...(levels.search === undefined ? {} : { search: levels.search }),
  }
  const { draft, problems: gridProblems, isTooLarge = false } = expandVary(written)
  const tooMany = isTooLarge ? gridProblems : tooManyConfigs(draft.source, draft.configKeys.length)
  if (tooMany.length > 0) return withProblems(tooMany)
  const reportLocales = localesOf(draft.top.locale)
  const languages = languagesFor(reportLocales[0], reportLocales)
  const read = readDatasets(draft, datasets, languages)
  for (const { file, text } of read.texts) texts.set(file, text)
  const { logs, problems: logProblems } = readLogs(draft, readLog)
  const input = ruleInputOf(draft, read.datasets, logs, languages)
  const all = [
    ...nameProblems,
    ...yamlProblems,
    ...levels.problems,
    ...(levels.problems.length > 0 ? [] : formProblems),
    ...gridProblems,
    ...read.problems,
    ...logProblems,
    ...rules.flatMap((rule) => rule(input)),
  ]
  const isExpanded = levels.source !== source || draft.grid !== undefined
  const problems = (isExpanded ? eachOnce(all) : all).toSorted(
    (a, b) => Number(b.file === file) - Number(a.file === file) || byPosition(a, b),
  )
  const privateFiles = draftsIn(read.datasets).flatMap(({ privateName, source }) =>
    privateName === undefined ? [] : [source.file],
  )
  const asPrivate = privateFiles.length === 0 ? {} : { privateFiles }
  if (id === undefined || problems.some(({ severity }) => severity === 'error'))
    return { problems, texts, ...asPrivate }
  return { experiment: resolveExperiment(id, input), problems, texts, ...asPrivate }
}

/** `docker-opt` for `experiments/docker-opt.yaml`; undefined if the name is not suitable for a folder. */
function idOf(file: string): string | undefined {
  const name = file
    .split(/[/\\]/)
    .at(-1)
    ?.replace(/\.ya?ml$/i, '')
  return name !== undefined &&
    /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u.test(name) &&
    name.length <= 100 &&
    name !== '__proto__' // would be the prototype of an object of experiments
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
  datasets: FileDatasets,
  logs: ReadonlyMap<string, LogExcerpt>,
  languages: readonly Locale[],
): FileRuleInput {
  const { model, workload } = draft.top
  const dataset = datasets.defaultDataset?.dataset
  const common = {
    languages,
    logs,
    ...(model === undefined ? {} : { model }),
    ...(workload === undefined ? {} : { workload }),
    ...(dataset === undefined ? {} : { dataset }),
    datasetsByName: new Map(
      [...datasets.byName].flatMap(([name, each]) =>
        each.dataset === undefined ? [] : [[name, each.dataset] as const],
      ),
    ),
  }
  const configs = draft.configKeys.flatMap((key) => resolveConfig(draft.configs, key, common) ?? [])
  return { draft, configs, datasets }
}
