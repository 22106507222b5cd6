/** The environment of a server that exp starts: a clean environment plus the config's variables. */
import { ExpError } from '../../errors/exp-error.ts'

/** The values by name. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

/**
 * The variables that a server inherits: it needs them to find files and the network. None of them changes inference.
 */
export const inheritedVariables = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTPS_PROXY',
  'https_proxy',
  'NO_PROXY',
  'no_proxy',
]

export function cleanEnvironment(env: EnvironmentVariables): Record<string, string> {
  const clean: Record<string, string> = {}
  for (const name of inheritedVariables) {
    const value = env[name]
    if (value !== undefined) clean[name] = value
  }
  return clean
}

/** Throws `ExpError` if a name is not valid for a variable, or a value contains a line break. */
export function assertValidVariables(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new ExpError(
        'environment',
        `\`${oneLine(name)}\` cannot be the name of an environment variable`,
        'use letters, digits and `_`, and do not begin with a digit',
      )
    if (/[\0\r\n]/.test(value))
      throw new ExpError(
        'environment',
        `the value of \`${name}\` contains a line break`,
        'write it on one line; not every kind of target can pass on a line break',
      )
  }
}

/**
 * Throws `ExpError` if a program could take the name for an option, or split it into several words.
 * @param kind what the name is, for the message: `the name of an image`
 */
export function assertValidName(kind: string, name: string): void {
  if (name === '' || name.startsWith('-') || /[\s\u0000-\u001f\u007f]/.test(name))
    throw new ExpError(
      'environment',
      `\`${oneLine(name)}\` cannot be ${kind}`,
      'it must not be empty, begin with `-`, or contain spaces or control codes',
    )
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 100)
}
