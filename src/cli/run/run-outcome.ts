/** Prints the outcome of a run. The answer goes to stdout, the written files and what to do next to stderr. */
import type { NoiseFloor } from '../../analysis/analysis.ts'
import { defaultFloor } from '../../analysis/noise-floor.ts'
import { metrics } from '../../metrics/catalog.ts'
import type { Experiment } from '../../experiment/experiment.ts'
import { fixed } from '../../format/number.ts'
import { oneLine } from '../../format/plain-text.ts'
import type { Published } from '../../notebook/publish-report.ts'
import { readResults } from '../../notebook/stored-results.ts'
import type { ResultStore } from '../../results/store.ts'
import type { RunOutcome } from '../../run/run.ts'
import { readTemplates } from '../../notebook/template-files.ts'
import { prepareTemplates } from '../../report/report.ts'
import { paint, type Io } from '../io.ts'
import { terminalLocale } from '../language.ts'
import { figureLines } from './figures-text.ts'
import { printJson } from '../safe-output.ts'
import { wrapped } from '../wrap.ts'
import { indented, noteLines, writtenLines, type TerminalWords } from '../terminal-words.ts'

/** Prints the answer of a published run, in at most five lines or as JSON. */
export function printPublished(
  published: Published,
  outcome: RunOutcome,
  { json }: { readonly json: boolean },
  words: TerminalWords,
  io: Io,
): void {
  if (json) printJson(io.stdout, publishedJson(published, outcome))
  else
    io.stdout.write(
      wrapped(`${outcomeLines(published, outcome, words, io).join('\n')}\n`, io.stdout),
    )
  const { floor } = published.analysis
  if (!json && outcome.trials.some(({ trial }) => trial.side !== undefined))
    io.stdout.write(
      `${floor?.run === outcome.run ? floorText(floor, words) : words.text('run.noFloor')}\n`,
    )
  io.stderr.write(indented(noteLines(published.notes, words)))
  if (outcome.interrupted && (json || usesRun(published, outcome)))
    io.stderr.write(wrapped(`${keptLine(published, outcome, words)}\n`, io.stderr))
  io.stderr.write(indented(fileLines(published, outcome, words)))
}

/** The noise floor that an A/A run has just measured. */
export function floorText({ config, byMetric }: NoiseFloor, words: TerminalWords): string {
  const raised = [...byMetric].map(([id, value]) => {
    const metric = metrics.find((each) => each.id === id)
    const unit =
      metric?.change === 'difference' ? ` ${metric.unit === '%' ? 'pp' : metric.unit}` : '%'
    return `${id} ${fixed(value, 1)}${unit}`
  })
  const values = { config, floor: defaultFloor, raised: raised.join(', ') }
  return words.text(raised.length === 0 ? 'run.floor' : 'run.floorRaised', values)
}

/**
 * The answer. If the report does not use this run because it was interrupted, the answer would be that of another run,
 * so the lines say what this run kept instead.
 */
function outcomeLines(
  published: Published,
  outcome: RunOutcome,
  words: TerminalWords,
  io: Io,
): readonly string[] {
  if (!outcome.interrupted || usesRun(published, outcome)) return answerLines(published, words, io)
  const { experiment, version, report } = published
  return [
    paint(io.stdout, io.env).bold(oneLine(experiment.title)),
    keptLine(published, outcome, words),
    words.text('run.notUsedYet', { version, file: report }),
  ]
}

function usesRun({ analysis }: Published, { run }: RunOutcome): boolean {
  return analysis.configs.some((config) => config.run === run)
}

/** How many trials an interrupted run kept, by config. */
function keptLine({ experiment }: Published, { trials }: RunOutcome, words: TerminalWords): string {
  const ended = trials.filter(({ outcome }) => outcome.outcome === 'ended')
  const [first] = trials
  if (ended.length === 0 || first === undefined) return words.text('run.interruptedEarly')
  const configs = [...new Set(ended.map(({ trial }) => trial.config))].map((config) =>
    words.text('run.keptConfig', {
      config,
      rounds: ended.filter(({ trial }) => trial.config === config).length,
    }),
  )
  return words.text('run.kept', {
    ended: ended.length,
    planned: first.trial.total,
    configs: configs.join(', '),
    file: experiment.file,
  })
}

/** The title, the answer, the verdicts if there are hypotheses, and the report. */
function answerLines(
  { experiment, answer, verdicts, version, state, report }: Published,
  words: TerminalWords,
  io: Io,
): readonly string[] {
  const { bold } = paint(io.stdout, io.env)
  const verdictLine = verdicts.length === 0 ? [] : [verdicts.join('; ')]
  const reportLine = state === 'open' ? 'run.reportOpen' : 'run.report'
  return [
    bold(oneLine(experiment.title)),
    ...answer.slice(0, 3 - verdictLine.length),
    ...verdictLine,
    words.text(reportLine, { version, file: report }),
  ]
}

function fileLines(
  { experiment, written, frozenVersion }: Published,
  { run }: RunOutcome,
  words: TerminalWords,
): readonly string[] {
  const folder = `reports/${experiment.id}`
  return [
    words.text('file.new', { file: `${folder}/results/${run}-*` }),
    ...writtenLines(written, words),
    ...(frozenVersion === undefined ? [] : [words.text('run.frozen', { version: frozenVersion })]),
    words.text('run.keepOrDrop', { folder, experiment: experiment.id, run }),
  ]
}

function publishedJson(
  { experiment, analysis, version, state, report, written }: Published,
  outcome: RunOutcome,
): object {
  return {
    experiment: experiment.id,
    run: outcome.run,
    version,
    state,
    report,
    interrupted: outcome.interrupted,
    standIn: analysis.standIn,
    trials: outcome.trials.map(({ trial, outcome: { outcome, reason } }) => ({
      config: trial.config,
      round: trial.round,
      outcome,
      ...(reason === undefined ? {} : { reason }),
    })),
    configs: Object.fromEntries(
      analysis.configs.map(({ config, state: configState, figures }) => [
        config.key,
        {
          state: configState,
          figures: Object.fromEntries(
            [...figures].map(([id, { value, absence, n, metric }]) => [
              id,
              value === undefined ? { absent: absence?.code, n } : { value, unit: metric.unit, n },
            ]),
          ),
        },
      ]),
    ),
    hypotheses: analysis.hypotheses.map(({ hypothesis: { id, statement, claim }, ...result }) => ({
      id,
      statement,
      target: claim.kind === 'same' ? claim.text : claim.threshold.text,
      ...(result.measured === undefined ? {} : { measured: result.measured }),
      ...(result.interval === undefined ? {} : { interval: result.interval }),
      verdict: result.verdict.code,
    })),
    written,
  }
}

/**
 * Prints the figures of the one round that `--try` measured.
 * @param store the temporary store of the run
 */
export async function printTry(
  experiment: Experiment,
  store: ResultStore,
  { json }: { readonly json: boolean },
  words: TerminalWords,
  io: Io,
): Promise<void> {
  const { analysis } = await readResults({ ...experiment, rounds: 1 }, store)
  if (json) {
    const figures = analysis.configs.map(({ config, figures }) => [
      config.key,
      Object.fromEntries(
        [...figures].flatMap(([id, { value }]) => (value === undefined ? [] : [[id, value]])),
      ),
    ])
    printJson(io.stdout, Object.fromEntries(figures))
  } else {
    const templates = prepareTemplates(readTemplates(terminalLocale(io)))
    io.stdout.write(`${figureLines(analysis.configs, templates, io.stdout).join('\n')}\n`)
  }
  if (analysis.standIn) io.stderr.write(`${words.text('run.tryStandIn')}\n`)
  io.stderr.write(`${words.text('run.tryOnly')}\n`)
}
