/** The parts of the process that commands use, passed in so that tests can replace them. */

export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Columns of the terminal; 80 if unknown. */
  readonly columns: number
}

export interface Io {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Output
  readonly stderr: Output
  /** Asks a question on the terminal; resolves to `true` for yes. Absent without a terminal. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  readonly now: () => Date
  /** Returns a number from 0 to 1, excluding 1. */
  readonly random: () => number
}
