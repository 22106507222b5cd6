/** What a command may touch of the world around it, passed in so that tests can hold every end of it. */

export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Columns of the terminal; 80 where it does not say. */
  readonly columns: number
}

export interface Io {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Output
  readonly stderr: Output
  /** Asks on the terminal; absent where nobody can answer. Resolves to `true` for yes. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  readonly now: () => Date
  /** From 0 to 1, not including 1. */
  readonly random: () => number
}

/** Whether an output shows colours: a terminal, and `NO_COLOR` not set. */
export function showsColour(output: Output, env: Io['env']): boolean {
  return output.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}
