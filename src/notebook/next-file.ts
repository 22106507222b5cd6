/** Builds the experiment file that tests a cause named in a report. */
import { parseDocument } from 'yaml'
import type { Analysis } from '../analysis/analysis.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import { causeTestOf, type Diagnosis, type CauseTest } from '../diagnosis/diagnosis.ts'
import { nextExperiment, type NextTexts } from '../diagnosis/next-experiment.ts'
import { insteadOfPlan, isCause, testableCauses } from '../diagnosis/rules.ts'
import { ExpError } from '../errors/exp-error.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { inLocale, textsOf } from '../experiment/in-locale.ts'
import { languagesFor, textsByLocale } from '../experiment/texts.ts'
import { type ExperimentContent, writeExperiment } from '../experiment/write-experiment.ts'
import type { Locale } from '../format/locales.generated.ts'
import { readFileIfExists } from '../files/read-files.ts'
import type { TemplateSet } from '../templates/templates.ts'
import type { Rendered } from './renderer.ts'
import { plainText } from '../markdown/markdown.ts'
import type { ReportInput } from '../report/report-input.ts'
import { prepareTemplates } from '../report/report.ts'

export interface NextFile {
  /** Relative to the project's root: `experiments/docker-opt-slots.yaml`. */
  readonly file: string
  readonly text: string
}

/**
 * @param templatesOf returns the templates of a locale
 * @throws ExpError `invalid-input` if the report does not name the cause, or if no experiment on its configs can test
 *   it
 */
export function nextFile(
  root: string,
  { experiment, results: { analysis }, draft }: Rendered,
  cause: string,
  templatesOf: (locale: Locale) => TemplateSet,
): NextFile {
  const diagnosis = diagnose(experiment, analysis)
  const test = causeTestOf(analysis, diagnosis, cause)
  const datasetFile = datasetPath(root, experiment.file)
  const contentIn = (locale: Locale) => {
    const translated = inLocale(experiment, locale)
    return (
      test &&
      nextExperiment({
        experiment: translated,
        test,
        version: draft.version,
        texts: nextTexts({ experiment: translated, templates: templatesOf(locale) }, test),
        datasetFile,
      })
    )
  }
  const content = inAllLanguages(experiment, contentIn)
  if (content !== undefined)
    return {
      file: `experiments/${experiment.id}-${cause}.yaml`,
      text: writeExperiment(content),
    }
  throw refusal(experiment.id, analysis, diagnosis, cause)
}

/**
 * The content with its texts in each language of the experiment: those of its reports, and those of its `texts`.
 */
function inAllLanguages(
  { locales, texts }: Experiment,
  contentIn: (locale: Locale) => ExperimentContent | undefined,
): ExperimentContent | undefined {
  const content = contentIn(locales[0])
  if (content === undefined) return undefined
  const all = languagesFor(locales[0], locales).map((locale) => {
    const isKnown = texts !== undefined || locales.includes(locale)
    return [locale, textsOf((isKnown ? contentIn(locale) : undefined) ?? content)] as const
  })
  const byLocale = textsByLocale(all)
  return byLocale === undefined ? content : { ...content, texts: byLocale }
}

/** The error if there is no file to write: the report does not name the cause, or no file can test it. */
export function refusal(
  id: string,
  analysis: Analysis,
  diagnosis: Diagnosis,
  cause: string,
): ExpError {
  const known = testableCauses.filter(
    (each) => causeTestOf(analysis, diagnosis, each) !== undefined,
  )
  if (!isNamed(diagnosis, cause))
    return new ExpError(
      'invalid-input',
      `the report of \`${id}\` does not name the cause \`${cause}\``,
      known.length === 0
        ? 'it names no cause that an experiment could test'
        : didYouMean(cause, known, `causes that an experiment could test: ${known.join(', ')}`),
    )
  const others =
    known.length === 0 ? '' : `; causes that an experiment could test: ${known.join(', ')}`
  const instead =
    (isCause(cause) ? insteadOfPlan(cause) : undefined) ?? 'follow the recommendation in the report'
  return new ExpError(
    'invalid-input',
    `no experiment file can test \`${cause}\` here`,
    `${instead}, then measure the same file again${others}`,
  )
}

function isNamed(
  { failures, explanations, delivery, settings }: Diagnosis,
  cause: string,
): boolean {
  const ofLatency = explanations.flatMap((each) => each.findings)
  const findings = [...failures, ...ofLatency, ...delivery, ...settings]
  return findings.some((each) => each.cause === cause)
}

/** The path of the dataset as the experiment's file names it; undefined if the dataset is part of the file. */
export function datasetPath(root: string, file: string): string | undefined {
  const text = readFileIfExists(root, file)?.toString('utf8') ?? ''
  const named: unknown = parseDocument(text, { prettyErrors: false }).get('dataset')
  return typeof named === 'string' ? named : undefined
}

export function nextTexts(
  { experiment, templates }: Pick<ReportInput, 'experiment' | 'templates'>,
  { cause, claim }: CauseTest,
): NextTexts {
  const { causeWords } = prepareTemplates(templates)
  const what = plainText(causeWords.markdown(`next.${cause}.do`))
  const percent = `${Math.abs(claim.percent)}%`
  return {
    title: plainText(causeWords.markdown('next.title', { experiment: experiment.title, what })),
    question: plainText(causeWords.markdown(`next.${cause}.learn`)),
    label: what,
    statement: plainText(
      claim.metric === 'okRate'
        ? causeWords.markdown('next.statement.more-ok', { what, points: String(claim.percent) })
        : claim.metric === 'ttftMean'
          ? causeWords.markdown('next.statement.first-token', { what, percent })
          : causeWords.markdown(`next.statement.${claim.kind}`, { what, percent }),
    ),
  }
}
