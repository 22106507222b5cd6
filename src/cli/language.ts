/** Chooses the language of the terminal: `--lang`, or else the environment as POSIX orders its variables. */
import { Option } from 'commander'
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import { quoted } from '../errors/quote.ts'
import { environmentLocale, languageOf, matchingLocale } from '../format/locale-name.ts'
import { type Locale, locales } from '../format/locales.generated.ts'
import type { Io } from './io.ts'

/** The language if the environment names none, or none that `exp` has. */
const fallback: Locale = 'en'

/** The language of everything that the command prints, except for problems and errors, which are English. */
export function terminalLocale({ lang, env }: Pick<Io, 'lang' | 'env'>): Locale {
  return lang ?? environmentLocale(env) ?? fallback
}

/**
 * The language that `--lang` names: a locale such as `zh-CN`, or its language alone, `zh`.
 * @throws ExpError `invalid-input` if there is no such language
 */
function parseLang(text: string): Locale {
  const found = matchingLocale(text)
  if (found !== undefined && [found, languageOf(found)].includes(text)) return found
  throw new ExpError(
    'invalid-input',
    `${quoted(text)} is not a language of exp`,
    found === undefined ? didYouMean(text, locales) : `did you mean ${quoted(found)}?`,
  )
}

/** The option `--lang`. @param choose called with the language while arguments are parsed */
export function langOption(choose: (locale: Locale) => void): Option {
  const option = new Option(
    '--lang <locale>',
    'language of the terminal; default: that of LC_ALL, LC_MESSAGES or LANG',
  ).choices(locales)
  return option.argParser((text) => {
    choose(parseLang(text))
    return text
  })
}
