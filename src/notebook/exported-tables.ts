/**
 * The data behind a report as plain tables, for other programs. Input: an experiment and its stored results. Output:
 * the figures, trials and requests that the report uses; runs that it does not use are left out.
 */
import type { Analysis, ConfigAnalysis } from '../analysis/analysis.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { metricIds, scorePrefix } from '../metrics/catalog.ts'
import { recordSchemas, type RequestRecord } from '../results/record.ts'
import type { ResultStore, StoredTrial } from '../results/store.ts'
import { readResults } from './stored-results.ts'

export const tableNames = ['figures', 'trials', 'requests'] as const
export type TableName = (typeof tableNames)[number]

/** The cells of a row by column. Absent where there is no value, which is never 0. */
export type Row = Readonly<Record<string, string | number | boolean | undefined>>

export interface ExportedTable {
  readonly columns: readonly string[]
  /** The rows in batches. Requests are read trial by trial, because there may be millions. */
  readonly batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>
}

/** @param experiment without secrets, see `forPublication` */
export async function exportedTables(
  experiment: Experiment,
  store: ResultStore,
): Promise<Readonly<Record<TableName, ExportedTable>>> {
  const { analysis } = await readResults(experiment, store)
  return {
    figures: { columns: figureColumns, batches: analysis.configs.map(figureRows) },
    trials: trialTable(analysis),
    requests: {
      columns: [...requestColumns, ...scoreColumns(experiment)],
      batches: requestRows(analysis, store),
    },
  }
}

const figureColumns = [
  'config',
  'label',
  'state',
  'run',
  'metric',
  'unit',
  'value',
  'low',
  'high',
  'confidence',
  'n',
  'basedOn',
  'absence',
]

/** One row per metric, absent figures included. */
function figureRows({ config, state, run, figures }: ConfigAnalysis): readonly Row[] {
  return [...figures].map(([id, { metric, value, interval, n, basedOn, absence }]) => ({
    config: config.key,
    label: config.label,
    state,
    run,
    metric: id,
    unit: metric.unit,
    value,
    low: interval?.low,
    high: interval?.high,
    confidence: interval?.confidence,
    n,
    basedOn,
    absence: absence?.code,
  }))
}

const trialColumns = [
  'run',
  'config',
  'round',
  'position',
  'startedAt',
  'endedAt',
  'outcome',
  'reason',
  'machine',
  'target',
  'standIn',
  'model',
  'sent',
  'ok',
  'failed',
  'cancelled',
]

/** One row per trial, with a column for each metric that a trial has a figure of. */
function trialTable({ configs }: Analysis): ExportedTable {
  const trials = configs.flatMap((config) => config.trials)
  const measured = metricIds.filter((id) =>
    trials.some(({ figures }) => figures.get(id)?.value !== undefined),
  )
  const rows = trials.map((trial) => ({
    ...trialRow(trial),
    ...Object.fromEntries(measured.map((id) => [id, trial.figures.get(id)?.value])),
  }))
  return { columns: [...trialColumns, ...measured], batches: [rows] }
}

function trialRow({ header, end, outcome }: TrialSummary): Row {
  const { sent, ok, failed, cancelled } = end?.counts ?? {}
  return {
    run: header.run,
    config: header.config,
    round: header.round,
    position: header.position,
    startedAt: header.startedAt,
    endedAt: end?.endedAt,
    outcome,
    reason: end?.reason,
    machine: header.serverHost?.name ?? header.host.name ?? header.host.id,
    target: header.target.actual,
    standIn: header.target.standIn,
    model: header.model,
    sent,
    ok,
    failed,
    cancelled,
  }
}

const requestFields = Object.keys(recordSchemas.request.shape).filter(
  (field) => field !== 'type' && field !== 'scores',
)
const requestColumns = ['run', 'config', 'round', ...requestFields]

/** A column for each check of the datasets: its name as the metric has it, `score.<check>`. */
function scoreColumns({ configs }: Experiment): readonly string[] {
  const checks = configs.flatMap((config) =>
    config.kind === 'measured' ? config.dataset.checks.map(({ name }) => name) : [],
  )
  return [...new Set(checks)].map((check) => scorePrefix + check)
}

/** One row per request, warm-up included. */
async function* requestRows(
  { configs }: Analysis,
  store: ResultStore,
): AsyncIterable<readonly Row[]> {
  for (const { trials } of configs)
    for (const { file } of trials) yield rowsOfTrial(await store.read(file))
}

function rowsOfTrial({ header, requests }: StoredTrial): readonly Row[] {
  const { run, config, round } = header
  return Array.from({ length: requests.length }, (_, row) => ({
    run,
    config,
    round,
    ...requestRow(requests.row(row)),
  }))
}

function requestRow(record: RequestRecord): Row {
  const named = Object.entries(record.scores ?? {}).map(
    ([check, score]) => [scorePrefix + check, score] as const,
  )
  const { type, scores, tokenGaps, ...fields } = record
  return { ...fields, ...Object.fromEntries(named) }
}
