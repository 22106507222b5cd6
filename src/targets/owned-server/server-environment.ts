/** What a server of ours is started with: the config's variables on a clean environment. */
import { ExpError } from '../../errors/exp-error.ts'
import type { Environment } from '../url/headers.ts'

/** What a program needs to find its files and the network, and nothing that changes how it infers. */
const inherited = [
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

export function cleanEnvironment(env: Environment): Record<string, string> {
  const clean: Record<string, string> = {}
  for (const name of inherited) {
    const value = env[name]
    if (value !== undefined) clean[name] = value
  }
  return clean
}

/** Throws `ExpError` for a name that no variable can have, and for a value that would not stay one line. */
export function refuseBadVariables(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new ExpError(
        'environment',
        `\`${oneLine(name)}\` cannot be the name of an environment variable`,
        'letters, digits and `_`, not a digit first',
      )
    if (/[\0\r\n]/.test(value))
      throw new ExpError(
        'environment',
        `the value of \`${name}\` holds a line break`,
        'write it on one line; it would not reach every kind of target as it is',
      )
  }
}

/** Throws `ExpError` unless it can stand where a program expects a name: what begins with `-` would be an option. */
export function refuseBadName(what: string, name: string): void {
  if (name === '' || name.startsWith('-') || /[\s\u0000-\u001f\u007f]/.test(name))
    throw new ExpError(
      'environment',
      `\`${oneLine(name)}\` cannot be ${what}`,
      'it must not be empty, begin with `-`, or hold spaces or control codes',
    )
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 100)
}
