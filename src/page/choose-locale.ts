/** Chooses the language in which somebody reads a report. */
import { ExpError } from '../errors/exp-error.ts'
import { environmentLocale } from '../format/locale-name.ts'
import type { Locale } from '../format/locales.generated.ts'

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
  asked: Locale | undefined,
  env: Env,
): Locale {
  const [first] = written
  if (first === undefined) throw new Error(`${what} has no language`)
  if (asked === undefined) return written.find((one) => one === environmentLocale(env)) ?? first
  if (written.includes(asked)) return asked
  throw new ExpError(
    'invalid-input',
    `there is no page of ${what} in \`${asked}\``,
    `The languages are ${written.join(', ')}; \`locale:\` in an experiment file lists those of its report.`,
  )
}
