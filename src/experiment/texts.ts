/**
 * The texts of an experiment that reports show, by language. A file gives a text once, for every language, or by
 * locale.
 */
import { type Locale, locales } from '../format/locales.generated.ts'

/** A value as written: once for every language, or by locale with at least one entry. */
export type ByLocale<Value> = Value | Readonly<Partial<Record<Locale, Value | undefined>>>

/**
 * All texts of an experiment in one language. If the file lacks a text in this language, the text in another language.
 */
export interface ExperimentTexts {
  readonly title: string
  readonly question?: string
  readonly hardware: Readonly<Record<string, string>>
  readonly estimates?: Readonly<Record<string, string>>
  readonly analysis?: string
  /** In the file's order. */
  readonly configs: readonly ConfigTexts[]
  /** The statements of the hypotheses, in the file's order. */
  readonly statements: readonly string[]
  /** The labels of the checks that have one, by the check's name. */
  readonly checks: Readonly<Record<string, string>>
}

export interface ConfigTexts {
  readonly label: string
  readonly group: string
  /** Only for recorded figures. */
  readonly source?: string
}

export type TextsByLocale = Readonly<Partial<Record<Locale, ExperimentTexts>>>

/**
 * The languages in which a text is looked for, best first.
 * @param reportLocales the languages of the experiment's reports
 */
export function languagesFor(locale: Locale, reportLocales: readonly Locale[]): readonly Locale[] {
  return [...new Set([locale, ...reportLocales, ...locales])]
}

/** The text in the first of the languages that has one. */
export function textIn(
  languages: readonly Locale[],
  written: ByLocale<string | number | boolean>,
): string {
  if (typeof written !== 'object') return String(written)
  return String(languages.map((locale) => written[locale]).find((text) => text !== undefined) ?? '')
}

/**
 * The texts by locale; undefined if they are the same in all languages. Configs that share a group in the first
 * language share it in all languages, even if only one config gives the group's name in the others.
 * @param byLocale all languages, the experiment's first one first
 */
export function textsByLocale(
  byLocale: readonly (readonly [Locale, ExperimentTexts])[],
): TextsByLocale | undefined {
  const [first] = byLocale
  if (first === undefined) return undefined
  const all = byLocale.map(
    ([locale, texts]) => [locale, withSharedGroups(texts, first[1])] as const,
  )
  const [one, ...others] = all.map(([, texts]) => JSON.stringify(texts))
  return others.every((texts) => texts === one) ? undefined : Object.fromEntries(all)
}

function withSharedGroups(texts: ExperimentTexts, first: ExperimentTexts): ExperimentTexts {
  const names = new Map<string, string>()
  for (const [index, { group }] of texts.configs.entries()) {
    const known = first.configs[index]?.group ?? group
    if (group !== known && !names.has(known)) names.set(known, group)
  }
  return {
    ...texts,
    configs: texts.configs.map((config, index) => {
      const known = first.configs[index]?.group ?? config.group
      return { ...config, group: names.get(known) ?? config.group }
    }),
  }
}
