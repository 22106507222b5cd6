/**
 * Runs the user's own `ssh`, with their configuration, keys and agent. Never asks for a password, and refuses a
 * destination that `ssh` could take for an option.
 */
import { ExpError } from '../../errors/exp-error.ts'
import { CommandFailure, type CommandOptions } from '../../host/command.ts'
import type { MachineTools } from '../../host/machine-tools.ts'

/** A machine that `ssh` connects to. */
export interface SshDestination {
  /** How messages name it: `the Docker context \`gpu-box\``. They do not contain its address. */
  readonly name: string
  readonly host: string
  readonly user?: string
  readonly port?: number
}

/**
 * A host, or its name in `~/.ssh/config`. Has no character that a shell, `ssh` or its configuration treats specially.
 */
const hostPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$|^[0-9a-f]*:[0-9a-f:]+$/i
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/** How long `ssh` may take to connect. */
const connectSeconds = 10

/**
 * Reads `ssh://user@host:port/…`, as a Docker context has it. Throws `ExpError` for a host that `ssh` could misread.
 */
export function parseSshUrl(text: string, name: string): SshDestination {
  const [, user, bracketed, plain, port] =
    /^ssh:\/\/(?:([^@/]*)@)?(?:\[([^\]]*)\]|([^:/]*))(?::(\d{1,5}))?(?:\/.*)?$/.exec(text) ?? []
  const host = bracketed ?? plain ?? ''
  if (!hostPattern.test(host) || (user !== undefined && !namePattern.test(user)))
    throw new ExpError(
      'environment',
      `the address of ${name} is not one that exp passes to \`ssh\``,
      'use letters, digits, `.`, `_` and `-` in its host and user: `ssh://USER@HOST`',
    )
  return {
    name,
    host,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port: Number(port) }),
  }
}

/** A host that the user's configuration names. Throws `ExpError` for one that `ssh` could misread. */
export function sshHost(host: string, name: string): SshDestination {
  if (namePattern.test(host)) return { name, host }
  throw new ExpError(
    'environment',
    `the name of ${name} is not one that exp passes to \`ssh\``,
    'use a `Host` of `~/.ssh/config` of letters, digits, `.`, `_` and `-`',
  )
}

/**
 * Options of every connection: `ssh` fails instead of asking for input, notices a lost connection within 20 s, and
 * shares its connection with no other `ssh`, so that forwarded ports close with it.
 */
const options = [
  'BatchMode=yes',
  `ConnectTimeout=${connectSeconds}`,
  'ServerAliveInterval=5',
  'ServerAliveCountMax=3',
  'ControlMaster=no',
  'ControlPath=none',
  'ExitOnForwardFailure=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'LogLevel=ERROR',
]

/** Leaves out the ports that the user's configuration forwards, because another connection may use them already. */
const withoutForwarding = ['-o', 'ClearAllForwardings=yes']

/**
 * The arguments of `ssh`.
 * @param command for the shell of the other machine: must not contain text from a file
 * @param first options to put before those of every connection; `ssh` uses the first value of an option
 */
export function sshArguments(
  { host, user, port }: SshDestination,
  command: string,
  first: readonly string[] = withoutForwarding,
): readonly string[] {
  return [
    '-T',
    ...first,
    ...options.flatMap((option) => ['-o', option]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    host,
    command,
  ]
}

/**
 * The arguments of an `ssh` that prints no messages: they contain addresses, and its output is stored as a log.
 * @param command as of `sshArguments`
 */
export function quietSshArguments(destination: SshDestination, command: string): readonly string[] {
  return sshArguments(destination, command, ['-q', ...withoutForwarding])
}

/** The command that runs a script with `sh`, whatever the login shell is. Throws if it contains a single quote. */
export function shCommand(script: string): string {
  if (script.includes("'")) throw new Error('the script contains a single quote')
  return `exec sh -c '${script}'`
}

/** Runs a command on the other machine. Throws `ExpError` if it cannot be reached or the command fails. */
export async function runOverSsh(
  destination: SshDestination,
  command: string,
  tools: MachineTools,
  options: CommandOptions = {},
): Promise<string> {
  try {
    return await tools.run('ssh', sshArguments(destination, command), {
      timeoutMs: 2_000 * connectSeconds,
      ...options,
    })
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    throw error.kind === 'not-installed'
      ? new ExpError('environment', '`ssh` is not installed', 'install OpenSSH')
      : sshError(destination, error.kind === 'timeout' ? 'timed out' : error.stderr)
  }
}

const reasons: readonly (readonly [pattern: RegExp, reason: string, hint?: string])[] = [
  [
    /permission denied|too many authentication failures/i,
    'it accepts no key of this user, and exp never asks for a password',
    'add a key with `ssh-copy-id`, or load it with `ssh-add`',
  ],
  [
    /host key verification failed|host identification has changed/i,
    'its host key is not known',
    'connect once with `ssh`, and compare the key',
  ],
  [/could not resolve hostname/i, 'its name cannot be resolved'],
  [/connection refused/i, 'it refuses the connection'],
  [/timed out|no route to host|network is unreachable/i, 'it does not answer'],
  [/connection (?:closed|reset)|broken pipe/i, 'it closed the connection'],
]

/**
 * Why a connection failed. The message quotes nothing that `ssh` printed, because that contains addresses, and the
 * message is stored.
 * @param stderr what `ssh` printed
 */
export function sshError({ name }: SshDestination, stderr: string): ExpError {
  const known = reasons.find(([pattern]) => pattern.test(stderr))
  const [
    ,
    reason = 'the connection failed',
    hint = 'check that `ssh` connects without a password',
  ] = known ?? []
  return new ExpError('environment', `${name} cannot be reached by \`ssh\`: ${reason}`, hint)
}
