/** What a run leaves behind in the terminal: the answer, what was written, and what to do next. */
import type { Analysis } from '../../analysis/analysis.ts'
import type { Experiment } from '../../experiment/experiment.ts'
import { columns } from '../../format/columns.ts'
import { metrics } from '../../metrics/catalog.ts'
import type { Published } from '../../notebook/notebook.ts'
import { readResults } from '../../notebook/stored-results.ts'
import { decimalsFor, fixed } from '../../format/number.ts'
import { oneLine } from '../../format/plain-text.ts'
import type { ResultStore } from '../../results/store.ts'
import type { RunOutcome } from '../../run/run.ts'
import type { Io } from '../io.ts'
import { notesText } from '../notes-text.ts'
import { paint } from '../paint.ts'
import type { RunOptions } from './run-options.ts'

/** The answer in five lines at most on stdout; the files that are new or changed on stderr. */
export function printPublished(
  published: Published,
  outcome: RunOutcome,
  { json }: Pick<RunOptions, 'json'>,
  io: Io,
): void {
  if (json) io.stdout.write(`${JSON.stringify(publishedJson(published, outcome), null, 2)}\n`)
  else io.stdout.write(`${answer(published, io).join('\n')}\n`)
  io.stderr.write(notesText(published.notes))
  if (outcome.interrupted)
    io.stderr.write('interrupted: what was measured is stored; `--resume` completes the run\n')
  io.stderr.write(filesText(published, outcome))
}

/** The hypotheses are asked after: where there are any, they have a line, and figures one less. */
function answer(
  { experiment, answer, verdicts, version, state, report }: Published,
  io: Io,
): readonly string[] {
  const { bold } = paint(io.stdout, io.env)
  const judged = verdicts.length === 0 ? [] : [verdicts.join('; ')]
  return [
    bold(oneLine(experiment.title)),
    ...answer.slice(0, 3 - judged.length),
    ...judged,
    `${version}, ${state}: ${report}`,
  ]
}

function filesText({ experiment, written, frozenVersion }: Published, { run }: RunOutcome): string {
  const folder = `reports/${experiment.id}`
  const results = `${folder}/results/${run}-*`
  const lines = [
    `new: ${results}`,
    ...written.map(({ file, how }) => `${how}: ${file}`),
    ...(frozenVersion === undefined ? [] : [`${frozenVersion} is frozen`]),
    `to keep them, commit reports/; to take them back: git restore ${folder} reports/README.md && git clean -fd ${folder}`,
  ]
  return `${lines.map((line) => `  ${line}`).join('\n')}\n`
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

/** The figures of one round, out of a store that is not the notebook's. */
export async function printTry(
  experiment: Experiment,
  store: ResultStore,
  { json }: Pick<RunOptions, 'json'>,
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
    io.stdout.write(`${JSON.stringify(Object.fromEntries(figures), null, 2)}\n`)
  } else io.stdout.write(`${tryTable(analysis).join('\n')}\n`)
  io.stderr.write(
    'one round only, kept outside the notebook: it shows no differences, measure for those\n',
  )
}

function tryTable({ configs }: Analysis): readonly string[] {
  const shown = metrics.filter(({ inTryTable }) => inTryTable)
  const titles = shown.map(({ id, unit }) => (unit === 'count' ? id : `${id} (${unit})`))
  const rows = configs.map(({ config, figures }) => [
    config.label,
    ...shown.map(({ id, unit }) => {
      const figure = figures.get(id)
      if (figure?.value !== undefined)
        return fixed(figure.value, unit === 'count' ? 0 : decimalsFor([figure.value]))
      return figure?.absence?.code === 'too-few' ? `n<${figure.absence.minSamples}` : 'none'
    }),
  ])
  return columns([['config', ...titles], ...rows])
}
