import type { Command } from 'commander'
import { z } from 'zod'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { keepLines } from '../safe-output.ts'
import { bashScript } from './bash.ts'
import { commandTree } from './command-tree.ts'
import { fishScript } from './fish.ts'
import { zshScript } from './zsh.ts'

/** The names of the command: it is installed under both. */
const programs = ['exp', 'exp-notebook']

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }
const schema = z.enum(['bash', 'zsh', 'fish'])

/** Prints the script that completes the commands of a program in a shell. */
export function completion(shell: string, program: Command, io: Io): ExitCode {
  io.stdout.write(keepLines(scripts[schema.parse(shell)](programs, commandTree(program))))
  return exitCodes.done
}
