/**
 * The rule for texts by language: warns about each text that a report of the experiment would show in another language
 * than its own. Names such as `native` or `Ollama 0.11.3` belong to no language.
 */
import type { Locale } from '../../format/locales.generated.ts'
import { quoted } from '../../errors/quote.ts'
import { type DatasetDraft, type Draft, draftsIn, type FileRule } from '../draft.ts'
import type { Scalar } from '../model.ts'
import type { Problem } from '../problem.ts'
import { localesOf } from '../resolve/resolve-experiment.ts'
import { isForAllLanguages } from '../resolve/resolve-texts.ts'
import type { Path, Source } from '../source/source.ts'
import { type ByLocale, languagesFor } from '../texts.ts'

interface WrittenText {
  readonly source: Source
  readonly path: Path
  readonly written: ByLocale<Scalar>
  /** What to do if the text is given only once. Default: give it by language. */
  readonly hint?: string
}

export const missingTexts: FileRule = ({ draft, datasets }) => {
  const reportLocales = localesOf(draft.top.locale)
  const texts = [...textsOfFile(draft), ...draftsIn(datasets).flatMap(textsOfDataset)]
  // A file that names no language asks for none, so that only an incomplete text by language is a mistake.
  const checked = draft.top.locale === undefined ? texts.filter(isByLanguage) : texts
  return checked.flatMap((text) =>
    reportLocales.flatMap((locale) => problemOf(text, locale, reportLocales)),
  )
}

function isByLanguage({ written }: WrittenText): boolean {
  return typeof written === 'object'
}

function problemOf(
  { source, path, written, hint: ownHint }: WrittenText,
  locale: Locale,
  reportLocales: readonly Locale[],
): readonly Problem[] {
  const warning = (message: string, hint: string) => [
    source.problem(path, { code: 'missing-text', severity: 'warning', message, hint }),
  ]
  if (typeof written === 'object') {
    if (written[locale] !== undefined) return []
    const shown = languagesFor(locale, reportLocales).find((other) => written[other] !== undefined)
    return shown === undefined
      ? []
      : warning(
          `this text is missing in \`${locale}\`: the report in \`${locale}\` shows it in \`${shown}\``,
          `add \`${locale}: …\``,
        )
  }
  const language = otherLanguage(String(written), locale)
  return language === undefined
    ? []
    : warning(
        `this text is ${language}, and the report in \`${locale}\` shows it as it is`,
        ownHint ?? 'give it by language: `{en: …, zh-CN: …}`',
      )
}

/**
 * The language of a text that is given once, if it is certainly not that of the report: Han characters outside Chinese
 * and Japanese, or a sentence without any in Chinese. Names, figures and single words belong to no language.
 */
function otherLanguage(text: string, locale: Locale): string | undefined {
  const hasHan = /\p{Script=Han}/u.test(text)
  if (!/^(?:zh|ja)\b/.test(locale)) return hasHan ? 'Chinese' : undefined
  const words = text.match(/(?<![\p{L}\p{N}_./-])[a-z]{2,}(?![\p{L}\p{N}_/-])/gu) ?? []
  return !hasHan && words.length >= minWordsOfSentence ? 'English' : undefined
}

/** A text with at least this many words in lower case is a sentence. `Ollama vs llama.cpp on Linux` is not. */
const minWordsOfSentence = 4

function textsOfFile({ source, top, configs, hypotheses, grid }: Draft): readonly WrittenText[] {
  const { title, question, analysis, hardware = {}, estimates } = top
  const at = (path: Path, written: ByLocale<Scalar> | undefined): readonly WrittenText[] =>
    written === undefined ? [] : [{ source, path, written }]
  const isCell = (key: string) => grid?.cells.some(({ config }) => config === key) === true
  const groups = [...configs.values()].flatMap(({ label, group }) => group ?? label ?? [])
  const named = new Set(groups.flatMap((group) => valuesOf(group)))
  return [
    ...at(['title'], title),
    ...at(['question'], question),
    ...Object.entries(hardware).flatMap(([name, value]) => at(['hardware', name], value)),
    ...[...configs]
      .filter(([key]) => !isCell(key))
      .flatMap(([key, { label, group, recorded }]) => [
        ...at(['configs', key, 'label'], label),
        // The group has its name in the other language from another config.
        ...(typeof group === 'string' && named.has(group)
          ? []
          : at(['configs', key, 'group'], group)),
        ...at(['configs', key, 'recorded', 'source'], recorded?.source),
      ]),
    ...[...hypotheses].flatMap(([index, { statement }]) =>
      at(['hypotheses', index, 'statement'], statement),
    ),
    ...estimateTexts(source, estimates),
    ...at(['analysis'], analysis),
  ]
}

/** The texts of a group that is named by language. */
function valuesOf(group: ByLocale<string>): readonly string[] {
  return typeof group === 'string' ? [] : Object.values(group).filter((text) => text !== undefined)
}

function estimateTexts(
  source: Source,
  estimates: Draft['top']['estimates'],
): readonly WrittenText[] {
  if (estimates === undefined) return []
  const path = ['estimates']
  if (!isForAllLanguages(estimates)) {
    const present = Object.keys(estimates).map((locale) => [locale, ''] as const)
    return [{ source, path, written: Object.fromEntries(present) }]
  }
  const hint = `give all of them by language: ${quoted('{en: {…}, zh-CN: {…}}')}`
  return Object.entries(estimates).map(([name, value]) => ({
    source,
    path: [...path, name],
    written: `${name}: ${value}`,
    hint,
  }))
}

/** The checks of the dataset: reports show their labels, or else their names. */
function textsOfDataset({ source, path, checks }: DatasetDraft): readonly WrittenText[] {
  return [...checks].map(([index, { name, label }]) =>
    label === undefined
      ? {
          source,
          path: [...path, 'checks', index, 'name'],
          written: name,
          hint: 'add `label: {en: …, zh-CN: …}`',
        }
      : { source, path: [...path, 'checks', index, 'label'], written: label },
  )
}
