/** Resolves the texts of a file in every language. */
import { type Locale, locales } from '../../format/locales.generated.ts'
import { draftsIn, type FileRuleInput } from '../draft.ts'
import type { WrittenExperiment } from '../schema/written-experiment.ts'
import {
  type ExperimentTexts,
  type TextsByLocale,
  languagesFor,
  textIn,
  textsByLocale,
} from '../texts.ts'
import { inherit } from './resolve-config.ts'

/**
 * The texts of an experiment by locale; undefined if they are the same in all languages.
 * @param reportLocales the languages of the experiment's reports
 */
export function resolveTexts(
  id: string,
  input: FileRuleInput,
  reportLocales: readonly [Locale, ...Locale[]],
): TextsByLocale | undefined {
  const all = languagesFor(reportLocales[0], reportLocales)
  return textsByLocale(
    all.map((locale) => [locale, textsIn(languagesFor(locale, reportLocales), id, input)]),
  )
}

function textsIn(
  languages: readonly Locale[],
  id: string,
  { draft, configs, datasets }: FileRuleInput,
): ExperimentTexts {
  const { title, question, hardware, estimates, analysis } = draft.top
  return {
    title: textIn(languages, title ?? id),
    ...(question === undefined ? {} : { question: textIn(languages, question) }),
    hardware: hardwareIn(languages, hardware),
    ...(estimates === undefined ? {} : { estimates: estimatesIn(languages, estimates) }),
    ...(analysis === undefined ? {} : { analysis: textIn(languages, analysis) }),
    configs: configs.map(({ key }) => {
      const { label = key, group = key, recorded } = inherit(draft.configs, key) ?? {}
      return {
        label: textIn(languages, label),
        group: textIn(languages, group),
        ...(recorded === undefined ? {} : { source: textIn(languages, recorded.source) }),
      }
    }),
    statements: [...draft.hypotheses.values()].map(({ statement }) => textIn(languages, statement)),
    checks: Object.fromEntries(
      draftsIn(datasets)
        .flatMap(({ checks }) => [...checks.values()])
        .flatMap(({ name, label }) =>
          label === undefined ? [] : [[name, textIn(languages, label)] as const],
        ),
    ),
  }
}

export function hardwareIn(
  languages: readonly Locale[],
  hardware: WrittenExperiment['hardware'] = {},
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(hardware).map(([name, value]) => [name, textIn(languages, value)]),
  )
}

type Estimates = Readonly<Record<string, string>>

export function estimatesIn(
  languages: readonly Locale[],
  written: NonNullable<WrittenExperiment['estimates']>,
): Estimates {
  if (isForAllLanguages(written)) return written
  const { [languages.find((locale) => written[locale] !== undefined) ?? locales[0]]: found = {} } =
    written
  return found
}

/** True if the file gives its estimates once for all languages, and not by locale. */
export function isForAllLanguages(
  written: NonNullable<WrittenExperiment['estimates']>,
): written is Estimates {
  return Object.values(written).every((value) => typeof value === 'string')
}
