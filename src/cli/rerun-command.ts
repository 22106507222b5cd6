/**
 * `exp rerun`: measures an experiment before and after a change in one run, and exits 1 if a metric lost more than
 * allowed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { HypothesisResult } from '../analysis/analysis.ts'
import { plannedRanking } from '../analysis/ranking.ts'
import { ExpError } from '../errors/exp-error.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { inLocale } from '../experiment/in-locale.ts'
import { openCommit } from '../files/git-files.ts'
import { oneLine } from '../format/plain-text.ts'
import { resultsData } from '../library/published-data.ts'
import { metricById, metricIds, type Metric } from '../metrics/catalog.ts'
import { definitionIn, definitionOfVersion } from '../notebook/earlier-definition.ts'
import type { Lock } from '../notebook/lock.ts'
import { openNotebook, type Notebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import type { Published } from '../notebook/publish-report.ts'
import { rerunChanges, type RerunChanges } from '../notebook/rerun-changes.ts'
import { withLevelsOfVersion } from '../notebook/searched-levels.ts'
import { readTemplates } from '../notebook/template-files.ts'
import { parseVersion } from '../notebook/version.ts'
import { prepareTemplates } from '../report/report.ts'
import { versionChangeText } from '../report/versions.ts'
import {
  pairsOfDefinitions,
  pairsOfVersions,
  rerunExperiment,
  type RerunPairs,
  type SideNames,
} from '../setup/rerun.ts'
import { comparisonLines } from './compare/comparison-text.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'
import { terminalLocale } from './language.ts'
import { runExperiment } from './run/run-command.ts'
import { defaultRunOptions } from './run/run-options.ts'
import { printJson } from './safe-output.ts'
import { indented, readTerminalWords, type TerminalWords } from './terminal-words.ts'
import { wrapped } from './wrap.ts'

const schema = z.object({
  against: z.string().optional(),
  version: z.string().optional(),
  loss: z.string(),
  metric: z.string().optional(),
  only: z.array(z.string()).default([]),
  rounds: z.number().optional(),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
})
type RerunOptions = Readonly<z.infer<typeof schema>>

interface Sides extends RerunPairs {
  readonly names: SideNames
  /**
   * The version of the report that the earlier definition comes from. Absent for a commit of git, and for versions of
   * Ollama.
   */
  readonly lock?: Lock
}

/**
 * Exits 1 if a loss greater than `--loss` is proven, and 4 if such a loss is neither proven nor excluded for a config.
 * @param name an id or a file name
 */
export async function rerun(name: string, rawOptions: object, io: Io): Promise<ExitCode> {
  const options = schema.parse(rawOptions)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const words = readTerminalWords(io)
  const current = definitionToMeasure(notebook, notebook.experiment(name), options, words, io)
  const metric = metricOf(options.metric, current)
  const currentName = words.text('rerun.now')
  const sides =
    options.version === undefined
      ? await sidesOfDefinition(notebook, current, options, currentName)
      : sidesOfVersions(current, options.version, options)
  if (sides.pairs.length === 0) throw nothingChanged(current.id, sides)
  if (sides.unchanged.length > 0)
    io.stderr.write(
      `${words.text('rerun.unchanged', { configs: sides.unchanged.join(', '), ...sides.names })}\n`,
    )
  const shown = inLocale(current, terminalLocale(io))
  const experiment = rerunExperiment(shown, sides.pairs, metric, options.loss, sides.names, {
    title: words.text('rerun.title', { title: shown.title, ...sides.names }),
    label: (config, side) => words.text('rerun.label', { config, side }),
    statement: (config) => words.text('rerun.statement', { config, loss: options.loss }),
  })
  const root = await mkdtemp(join(tmpdir(), 'exp-rerun-'))
  let published: Published | undefined
  try {
    const { yes, rounds } = options
    const code = await runExperiment(
      experiment,
      { ...defaultRunOptions, yes, ...(rounds === undefined ? {} : { rounds }) },
      { root, settingsFolder: notebook.root, show: (outcome) => (published = outcome) },
      io,
    )
    if (published === undefined) return code
    const changes = rerunChanges(published, sides.lock)
    if (options.json) printJson(io.stdout, rerunData(published, changes, options.loss))
    else printRerun(published, changes, { sides, metric, loss: options.loss }, words, io)
    return exitCodeOf(published.analysis.hypotheses, code)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/**
 * The definition to measure. A search for a capacity is replaced by the levels that the report has, because a new
 * search may choose others.
 */
function definitionToMeasure(
  notebook: Notebook,
  current: Experiment,
  { against }: RerunOptions,
  words: TerminalWords,
  io: Io,
): Experiment {
  if (current.search === undefined) return current
  const locks = notebook
    .list()
    .overviews.some(({ id, version }) => id === current.id && version !== undefined)
    ? notebook.versions(current.id)
    : []
  const lock = locks.find(({ version }) => version === against) ?? locks[0]
  const measured = lock && withLevelsOfVersion(current, lock)
  if (lock === undefined || measured === undefined)
    throw new ExpError(
      'invalid-input',
      `\`${current.id}\` searches for a capacity, and no level of it is measured yet`,
      `Measure it first: \`exp run ${current.file}\`. A rerun compares the levels that the search chose.`,
    )
  const levels = (measured.series ?? []).flatMap((each) => each.levels.map(({ config }) => config))
  const values = { version: lock.version, levels: levels.join(', ') }
  io.stderr.write(`${words.text('rerun.searched', values)}\n`)
  return measured
}

/**
 * A proven loss decides, even if other results are missing. A loss that is neither proven nor excluded is never a pass.
 */
function exitCodeOf(results: readonly HypothesisResult[], runCode: ExitCode): ExitCode {
  if (runCode === exitCodes.interrupted) return runCode
  const codes = results.map(({ verdict }) => verdict.code)
  if (codes.includes('refuted')) return exitCodes.findings
  return codes.every((code) => code === 'supported') ? runCode : exitCodes.incomplete
}

function metricOf(id: string | undefined, experiment: Experiment): Metric {
  if (id === undefined) return plannedRanking(experiment)
  const metric = metricById(id)
  if (metric !== undefined) return metric
  throw new ExpError(
    'invalid-input',
    `there is no metric \`${id}\``,
    didYouMean(id, metricIds, `metrics: ${metricIds.join(', ')}`),
  )
}

async function sidesOfDefinition(
  notebook: Notebook,
  current: Experiment,
  { against, only }: RerunOptions,
  currentName: string,
): Promise<Sides> {
  const isVersion = against === undefined || parseVersion(against) !== undefined
  if (!isVersion) {
    const commit = await openCommit(notebook.root, against)
    const earlier = await definitionIn(notebook.root, current.id, commit)
    if (earlier === undefined)
      throw new ExpError(
        'invalid-input',
        `\`${against}\` has no valid \`${current.file}\``,
        'Name a version of the report (`--against v1.2`), or another branch, tag or commit.',
      )
    return {
      ...pairsOfDefinitions(earlier, current, only),
      names: { before: against, after: currentName },
    }
  }
  const locks = notebook.versions(current.id)
  const lock = locks.find(({ version }) => version === (against ?? locks[0]?.version))
  if (lock === undefined)
    throw new ExpError(
      'invalid-input',
      `there is no version \`${against ?? ''}\` of \`${current.id}\``,
      didYouMean(
        against ?? '',
        locks.map(({ version }) => version),
        `\`exp show ${current.id}\` lists the versions`,
      ),
    )
  const earlier = await definitionOfVersion(notebook.root, current, lock)
  const names = { before: lock.version, after: currentName }
  return { ...pairsOfDefinitions(earlier, current, only), names, lock }
}

function sidesOfVersions(
  current: Experiment,
  text: string,
  { against, only }: RerunOptions,
): Sides {
  const [before = '', after = '', ...more] = text.split(',').map((version) => version.trim())
  if (before === '' || after === '' || more.length > 0 || before === after)
    throw new ExpError(
      'invalid-input',
      `\`--version ${text}\` does not name two versions of Ollama`,
      'Write the old and the new one: `--version 0.11.3,installed`.',
    )
  if (against !== undefined)
    throw new ExpError(
      'invalid-input',
      '`--version` and `--against` cannot be combined: their effects could not be separated',
      'Run `exp rerun` once with each.',
    )
  const names = { before: `Ollama ${before}`, after: `Ollama ${after}` }
  return { ...pairsOfVersions(current, [before, after], only), names }
}

function nothingChanged(id: string, { names, lock }: Sides): ExpError {
  const versions = Object.values(lock?.configs ?? {}).flatMap(
    ({ measuredOn }) => measuredOn?.['serverVersion'] ?? [],
  )
  const old = versions.find((version) => /^\d+\.\d+\.\d+$/.test(version)) ?? '0.11.3'
  return new ExpError(
    'invalid-input',
    `no config of \`${id}\` differs between ${names.before} and ${names.after}, so there is nothing to compare`,
    `To compare two versions of Ollama: \`exp rerun ${id} --version ${old},installed\`.`,
  )
}

interface ShownRerun {
  readonly sides: Sides
  readonly metric: Metric
  readonly loss: string
}

function printRerun(
  { experiment, analysis, verdicts }: Published,
  changes: RerunChanges,
  { sides, metric, loss }: ShownRerun,
  words: TerminalWords,
  io: Io,
): void {
  const templates = prepareTemplates(readTemplates(terminalLocale(io)))
  const changeText = (change: Parameters<typeof versionChangeText>[0]) =>
    oneLine(versionChangeText(change, { words: templates.words }))
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${oneLine(line)}`), '']
  const of = (codes: readonly string[]) =>
    analysis.hypotheses
      .filter(({ verdict }) => codes.includes(verdict.code))
      .map(({ hypothesis }) => hypothesis.id)
      .join(', ')
  const [passed, lost] = [of(['supported']), of(['refuted'])]
  const unknown = of(['inconclusive', 'indicated-for', 'indicated-against', 'pending', 'none'])
  const about = { loss, metric: templates.metricWords.inSentence(metric) }
  const lines = [
    paint(io.stdout, io.env).bold(oneLine(experiment.title)),
    '',
    ...comparisonLines(analysis, templates, words, io.stdout),
    ...section(words.text('rerun.underneath'), [
      ...changes.settings.map(({ config, name, from, to }) =>
        words.text('rerun.setting', { config, name, from: from ?? '-', to: to ?? '-' }),
      ),
      ...changes.conditions.map(changeText),
    ]),
    ...section(
      words.text('rerun.since', { version: sides.names.before }),
      changes.since.map(changeText),
    ),
    ...verdicts.map(oneLine),
    ...(passed === '' ? [] : [words.text('rerun.passed', { ...about, configs: passed })]),
    ...(lost === '' ? [] : [words.text('rerun.lost', { ...about, configs: lost })]),
    ...(unknown === '' ? [] : [words.text('rerun.unknown', { ...about, configs: unknown })]),
  ]
  io.stdout.write(wrapped(`${lines.join('\n')}\n`, io.stdout))
  io.stderr.write(indented([words.text('rerun.notKept')]))
}

function rerunData(
  { experiment, analysis }: Published,
  changes: RerunChanges,
  loss: string,
): object {
  return { ...resultsData(experiment, analysis), loss, underneath: changes }
}
