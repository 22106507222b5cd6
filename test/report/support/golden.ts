/** Reads the input of a report from an experiment file, stored results and the program's own templates. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { diagnose } from '../../../src/diagnosis/diagnose.ts'
import { parseExperiment } from '../../../src/experiment/parse-experiment.ts'
import type { Experiment } from '../../../src/experiment/experiment.ts'
import type { Locale } from '../../../src/format/locales.generated.ts'
import { readResults } from '../../../src/notebook/stored-results.ts'
import type { ReportInput, ReportVersion } from '../../../src/report/report-input.ts'
import { ResultStore } from '../../../src/results/store.ts'
import { shippedTemplates } from '../../support/templates.ts'

export function readExperiment(file: string): Experiment {
  const read = (name: string) => {
    const place = path.join(path.dirname(file), name)
    return existsSync(place) ? { file: place, text: readFileSync(place, 'utf8') } : undefined
  }
  const { experiment, problems } = parseExperiment({
    file,
    text: readFileSync(file, 'utf8'),
    readDataset: read,
    readLog: read,
  })
  if (!experiment)
    throw new Error(problems.map(({ line, message }) => `${file}:${line}: ${message}`).join('\n'))
  return experiment
}

/** @param folder contains `results/`, or nothing */
export async function storedInput(
  experiment: Experiment,
  folder: string,
  locale: Locale,
): Promise<ReportInput> {
  const { analysis, dropped } = await readResults(experiment, new ResultStore(folder))
  const open = analysis.configs.some(
    ({ state, rounds }) => state === 'pending' || rounds.interrupted > 0,
  )
  const dates = experiment.configs.flatMap((config) =>
    config.kind === 'recorded' ? [config.date] : [],
  )
  const createdAt = analysis.period?.to ?? dates.toSorted().at(-1)
  const version: ReportVersion = {
    version: 'v1.0',
    state: open ? 'open' : 'closed',
    ...(createdAt === undefined ? {} : { createdAt }),
    changes: [{ code: 'first' }],
    history: [],
    hasCharts: true,
    lockFile: 'v1.0.lock.json',
    dropped,
  }
  const diagnosis = diagnose(experiment, analysis)
  return { experiment, analysis, diagnosis, locale, templates: shippedTemplates(locale), version }
}
