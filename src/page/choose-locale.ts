/** Chooses the language in which somebody reads a report. */
import { ExpError } from '../errors/exp-error.ts'
import { locales, type Locale } from '../format/locales.generated.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The language that was asked for, or else that of the terminal, or else the first one.
 * @param what the page, as messages name it
 * @param written the languages that it is written in
 * @throws ExpError `invalid-input` if the report is not written in the language that was asked for
 */
export function chooseLocale(
  what: string,
  written: readonly Locale[],
  asked: string | undefined,
  env: Env,
): Locale {
  const [first] = written
  if (first === undefined) throw new Error(`${what} has no language`)
  if (asked === undefined) return written.find((one) => one === terminalLocale(env)) ?? first
  const found =
    written.find((one) => one === asked) ??
    written.find((one) => languageOf(one) === languageOf(asked))
  if (found !== undefined) return found
  throw new ExpError(
    'invalid-input',
    `there is no page of ${what} in \`${asked}\``,
    `The languages are ${written.join(', ')}; \`locale:\` in an experiment file lists those of its report.`,
  )
}

/** The language that the environment names, if reports can be written in it. */
function terminalLocale(env: Env): Locale | undefined {
  const name = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(
    (one) => one !== undefined && one !== '',
  )
  return locales.find((one) => languageOf(one) === languageOf(name ?? ''))
}

/** `zh` of `zh-CN`, `zh_CN.UTF-8` and `zh`. */
function languageOf(name: string): string {
  return name.split(/[-_.@]/, 1)[0]?.toLowerCase() ?? ''
}
