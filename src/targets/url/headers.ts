/** Header values with `${NAME}` in them. */
import { ExpError } from '../../errors/exp-error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The headers with each `${NAME}` replaced by that variable of the environment. Throws `ExpError` for a
 * variable that is not set, and for a value that would not stay one header.
 */
export function fillHeaders(
  headers: Readonly<Record<string, string>>,
  env: Environment,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([header, written]) => {
      const filled = written.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
        const value = env[name]
        if (value === undefined || value === '')
          throw new ExpError(
            'environment',
            `the header \`${header}\` needs the variable \`${name}\`, which is not set`,
            `export ${name}=…`,
          )
        return value
      })
      if (/[^\t\x20-\x7e\x80-\xff]/.test(filled))
        throw new ExpError(
          'environment',
          `the value of the header \`${header}\` holds a line break or a control code`,
        )
      return [header, filled]
    }),
  )
}
