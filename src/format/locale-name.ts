/** Finds the locale for the name of a language. */
import { type Locale, locales } from './locales.generated.ts'

/** The locale of this name, or of its language: `zh-CN` for `zh_CN.UTF-8`, `zh_TW` and `zh`. */
export function matchingLocale(name: string): Locale | undefined {
  return (
    locales.find((locale) => locale === name) ??
    locales.find((locale) => languageOf(locale) === languageOf(name))
  )
}

/**
 * The locale that the environment asks for, by the rules of POSIX: that of the first variable that is set and not
 * empty. Undefined if none is set, or if `exp` does not know its language.
 */
export function environmentLocale(
  env: Readonly<Record<string, string | undefined>>,
): Locale | undefined {
  const set = ['LC_ALL', 'LC_MESSAGES', 'LANG'].map((name) => env[name]).find((value) => value)
  return set === undefined ? undefined : matchingLocale(set)
}

/** `zh` of `zh-CN`, `zh_CN.UTF-8` and `zh`. */
export function languageOf(name: string): string {
  return name.split(/[-_.@]/, 1)[0]?.toLowerCase() ?? ''
}
