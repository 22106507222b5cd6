/**
 * A project: the folder that holds `experiments/`, `reports/` and optionally `templates/`. Finds and reads its
 * experiments.
 */
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError, type ErrorCode } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import { limits } from '../errors/limits.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { datasetsOf } from '../experiment/in-locale.ts'
import { parseExperiment, type ParsedExperiment } from '../experiment/parse-experiment.ts'
import type { FileText } from '../experiment/source/read-dataset.ts'
import { readSource } from '../experiment/source/source.ts'
import { loadLocalSettings } from '../files/local-settings.ts'
import { namesIn, readFile, readFileIfExists, readText, unreadable } from '../files/read-files.ts'
import { parseLock } from './lock.ts'
import { forPublication } from './publication.ts'
import { newestLockBytes, reportFolderIds } from './report-folder.ts'
import { withStoredDataset } from './stored-dataset.ts'

/**
 * The nearest folder, starting at `from` and going up, that holds an `experiments` folder; `from` if no folder does.
 */
export function findRoot(from: string): string {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'experiments'))) return folder
    if (folder === path.dirname(folder)) return path.resolve(from)
  }
}

/** Ids of the experiments that have a file in `experiments/`, sorted by code unit. */
export function experimentIds(root: string): readonly string[] {
  const names = namesIn(root, 'experiments')
  return [...new Set(names.filter((name) => /\.ya?ml$/.test(name)).map(idOf))].sort()
}

/**
 * The experiment's file, relative to the root, with forward slashes; it may not exist. Throws `ExpError` if two files
 * have the id.
 */
export function experimentFile(root: string, id: string): string {
  const [short, long] = [`experiments/${id}.yml`, `experiments/${id}.yaml`]
  if (!existsSync(path.join(root, short))) return long
  if (!existsSync(path.join(root, long))) return short
  throw new ExpError(
    'invalid-input',
    `\`${long}\` and \`${short}\` both exist, and both are the experiment \`${id}\``,
    'rename or remove one of them',
  )
}

/** The id that a file name contains; an id is returned unchanged. */
export function idOf(file: string): string {
  return path.basename(file).replace(/\.ya?ml$/, '')
}

/**
 * The id of an experiment that exists. Throws `ExpError` if it does not.
 * @param name `docker-opt` or `experiments/docker-opt.yaml`
 * @param ids all experiments of the project
 */
export function experimentId(root: string, name: string, ids = experimentIds(root)): string {
  const id = idOf(name)
  if (ids.includes(id)) return id
  throw new ExpError(
    'invalid-input',
    `there is no experiment \`${id}\``,
    didYouMean(id, ids, '`exp list` shows all experiments'),
  )
}

/** Throws `ExpError` if `exp report` and `exp check` cannot find the experiment by its id. */
export function assertFindableById(root: string, { id, file }: Experiment): void {
  const place = `experiments/${id}.yaml`
  if (!/^experiments\/[^/]+\.ya?ml$/.test(file))
    throw new ExpError(
      'invalid-input',
      `\`${file}\` is not where \`exp check\` looks for experiments`,
      `Move it to \`${place}\`, or measure it without storing results: \`--try\`.`,
    )
  assertDistinctFolder(root, id, experimentIds(root))
}

/**
 * Throws `ExpError` if the experiment would share its folder in `reports/` with another on a disk that ignores case.
 */
function assertDistinctFolder(root: string, id: string, ids: readonly string[]): void {
  const caseless = (one: string) => one.normalize().toLowerCase()
  const own = caseless(id)
  const other = ids.find((one) => one !== id && caseless(one) === own)
  if (other === undefined) return
  const [file, otherFile] = [id, other].map((one) => experimentFile(root, one))
  throw new ExpError(
    'invalid-input',
    `the names of \`${file}\` and \`${otherFile}\` differ only in case`,
    'Rename one of them: on many disks both would have the same folder in `reports/`.',
  )
}

/**
 * Reads and parses an experiment. If a private dataset is not on this machine, takes its properties from the newest
 * lock. Throws `ExpError` if the file cannot be read, if its name differs only in case from another, or if the lock
 * does not know the dataset.
 * @param ids all experiments of the project
 */
export function parseExperimentById(
  root: string,
  id: string,
  ids = experimentIds(root),
): ParsedExperiment {
  assertDistinctFolder(root, id, ids)
  const parsed = parseExperimentFile(root, experimentFile(root, id))
  if (
    parsed.experiment === undefined ||
    datasetsOf(parsed.experiment).every(({ notOnThisMachine }) => notOnThisMachine === undefined)
  )
    return parsed
  const lock = newestLockBytes(root, id)
  const known = lock && parseLock(lock.bytes, lock.name)
  return { ...parsed, experiment: withStoredDataset(parsed.experiment, known) }
}

/** Like `parseExperimentById`, but also throws if the file is invalid. */
export function readExperiment(root: string, id: string, ids = experimentIds(root)): Experiment {
  const { experiment, problems } = parseExperimentById(root, id, ids)
  if (experiment) return experiment
  const file = experimentFile(root, id)
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first] = errors
  const where = first ? `${first.file}:${first.line}:${first.column}: ${first.message}` : file
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  throw new ExpError(
    'invalid-input',
    `${where}${more}`,
    `\`exp validate ${forShell(file)}\` shows all problems`,
  )
}

/** The experiment without secrets; undefined if its file does not exist or is invalid. */
export function currentExperiment(root: string, id: string): Experiment | undefined {
  if (!experimentIds(root).includes(id)) return undefined
  try {
    const { experiment } = parseExperimentById(root, id)
    return experiment && forPublication(experiment)
  } catch (error) {
    if (error instanceof ExpError) return undefined
    throw error
  }
}

/**
 * Reads and parses an experiment file, and the dataset and the log excerpts that it names. Throws `ExpError` if the
 * experiment file cannot be read; problems in its content are returned.
 * @param file absolute, or relative to the root. A file outside the root, which only a command line can name, is read
 *   as a part of the project that surrounds it.
 * @param onRead called with each file that exists, the experiment's own included, relative to the root
 */
export function parseExperimentFile(
  root: string,
  file: string,
  onRead?: (file: string) => void,
): ParsedExperiment {
  const place = path.resolve(root, file)
  const shown = shownPath(root, place)
  const [project, real] = shown === place ? projectOf(place) : [root, place]
  const read = (one: string): FileText | undefined => {
    const found = readText(project, one)
    if (found === undefined || !('text' in found)) return found
    onRead?.(shownPath(root, one))
    return { file: shownPath(root, one), ...found }
  }
  const found = read(real)
  if (!found)
    throw new ExpError(
      'invalid-input',
      `there is no file \`${shown}\``,
      '`exp init NAME` starts an experiment',
    )
  if ('failure' in found) throw unreadable(shown, found.failure)
  return parseExperiment({
    file: shown,
    text: found.text,
    readDataset: (dataset) => read(path.resolve(path.dirname(real), dataset)),
    readPrivateDataset: (name) => readPrivateDataset(root, name),
    readImage: (image, from) => {
      const place = path.resolve(path.dirname(path.resolve(root, from)), image)
      const found = readFile(project, place, limits.image)
      if (found !== undefined && 'bytes' in found) onRead?.(shownPath(root, place))
      return found
    },
    readLog: (log) => read(path.resolve(path.dirname(real), log)),
  })
}

/** Reads a dataset that `exp.local.yaml` names. It may lie anywhere, because the owner of this machine named it. */
export function readPrivateDataset(root: string, name: string): FileText | undefined {
  try {
    const { datasets = {} } = loadLocalSettings(root)
    const file = Object.hasOwn(datasets, name) ? datasets[name] : undefined
    if (file === undefined) return undefined
    const real = existsSync(file) ? realpathSync(file) : file
    const found = readText(path.dirname(real), real)
    if (found === undefined) return { failure: `there is no file \`${file}\`` }
    return 'text' in found ? { file: real, ...found } : found
  } catch (error) {
    if (error instanceof ExpError) return { failure: error.message }
    throw error
  }
}

/** The root of the project that a file lies in, and the file's real path. */
function projectOf(place: string): readonly [root: string, place: string] {
  const real = existsSync(place) ? realpathSync(place) : place
  return [findRoot(path.dirname(real)), real]
}

/** Relative to the root, with forward slashes; an absolute path if the file is outside the root. */
function shownPath(root: string, place: string): string {
  const relative = path.relative(root, place)
  return relative.startsWith('..') ? place : relative.split(path.sep).join('/')
}

/** The error of a command that needs a report; its hint is a command that writes the first one. */
export function noReportYet(root: string, code: ErrorCode): ExpError {
  return new ExpError(code, 'there is no report yet', firstCommand(root))
}

function firstCommand(root: string): string {
  const files = experimentIds(root).map((id) => experimentFile(root, id))
  for (const file of files) {
    const command = commandOf(root, file)
    if (command !== undefined) return command
  }
  const [invalid] = files
  return invalid === undefined
    ? '`exp init NAME` writes an experiment to start from'
    : `no experiment is valid; \`exp validate ${forShell(invalid)}\` shows why`
}

/** The command that writes the first report of an experiment; undefined if its file is invalid. */
function commandOf(root: string, file: string): string | undefined {
  const { experiment } = parseExperimentFile(root, file)
  if (experiment === undefined) return undefined
  return experiment.configs.some(({ kind }) => kind === 'measured')
    ? `\`exp run ${forShell(file)}\` measures and writes the first one`
    : `\`exp report ${forShell(experiment.id)}\` writes the first one, from the figures in its file`
}

/**
 * The error for an id that has no report, whether or not an experiment has this id.
 * @param known the ids to choose from
 */
export function noReportOf(root: string, id: string, known = reportFolderIds(root)): ExpError {
  if (experimentIds(root).includes(id)) {
    const file = experimentFile(root, id)
    return new ExpError(
      'invalid-input',
      `there is no report of \`${id}\` yet`,
      commandOf(root, file) ?? `\`exp validate ${forShell(file)}\` shows why its file is invalid`,
    )
  }
  return new ExpError(
    'invalid-input',
    `there is no report of \`${id}\`, and no experiment of this name`,
    didYouMean(id, known, `\`exp init ${forShell(id)}\` writes such an experiment`),
  )
}

/**
 * The line of a hypothesis in its experiment's file, from 1; undefined if the file has no such hypothesis.
 * @param file relative to the project's root
 */
export function hypothesisLine(root: string, file: string, id: string): number | undefined {
  const text = readFileIfExists(root, file)?.toString('utf8') ?? ''
  const { source } = readSource(file, text, limits.experiment)
  for (let index = 0; source?.has(['hypotheses', index]) === true; index += 1) {
    const path = ['hypotheses', index, 'id']
    if (source.written(path) === id) return source.line(path)
  }
  return undefined
}
