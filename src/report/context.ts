/** The context of one report: everything that its sections are built from. */
import type { Analysis, ConfigAnalysis } from '../analysis/analysis.ts'
import { localised } from '../analysis/analysis-texts.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { checksOf } from '../experiment/in-locale.ts'
import type { Locale } from '../format/locales.generated.ts'
import { footnotes, type Footnotes } from '../markdown/markdown.ts'
import { labelsOf, withCheckLabels, type Labels, type MetricWords } from './labels.ts'
import { limitedTables, type Limit, type Tables } from './limit.ts'
import type { ReportInput, ReportVersion } from './report-input.ts'
import type { Words } from '../templates/words.ts'

export interface Context {
  readonly experiment: Experiment
  readonly analysis: Analysis
  readonly diagnosis?: Diagnosis
  readonly locale: Locale
  readonly version: ReportVersion
  readonly words: Words
  readonly metricWords: MetricWords
  readonly labels: Labels
  readonly configs: ReadonlyMap<string, ConfigAnalysis>
  readonly tables: Tables
  readonly footnotes: Footnotes
}

export function contextOf(
  input: ReportInput,
  { words, metricWords }: Pick<Context, 'words' | 'metricWords'>,
  limit: Limit,
): Context {
  const { diagnosis, locale, version } = input
  const { experiment, analysis } = localised(input.experiment, input.analysis, locale)
  return {
    experiment,
    analysis,
    ...(diagnosis === undefined ? {} : { diagnosis }),
    locale,
    version,
    words,
    metricWords: withCheckLabels(metricWords, checksOf(experiment)),
    labels: labelsOf(experiment.configs, limit),
    configs: new Map(analysis.configs.map((each) => [each.config.key, each])),
    tables: limitedTables(words, limit),
    footnotes: footnotes(),
  }
}

/** The config with this key. Throws if it does not exist, which is a bug: every key in an analysis has a config. */
export function configOf(context: Pick<Context, 'configs'>, key: string): ConfigAnalysis {
  const found = context.configs.get(key)
  if (!found) throw new Error(`no config ${key}`)
  return found
}
