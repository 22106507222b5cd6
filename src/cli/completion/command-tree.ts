/** What the completion scripts need to know about the commands. */
import type { Argument, Command, Option } from 'commander'

export interface CompletedCommand {
  readonly name: string
  readonly description: string
  readonly options: readonly CompletedOption[]
  /** What is offered for the arguments: ids of experiments, files, or these words. */
  readonly arguments: 'ids' | 'files' | readonly string[]
}

export interface CompletedOption {
  /** With its dashes: `--format`. */
  readonly name: string
  readonly description: string
  readonly takesValue: boolean
  /** The values that it accepts; empty if it accepts any. */
  readonly choices: readonly string[]
}

/** The commands of a program, with their options and arguments. */
export function commandTree(program: Command): readonly CompletedCommand[] {
  const ofEveryCommand = program.options.filter(({ long }) => long === '--lang')
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [
      ...[...command.options.filter(({ hidden }) => !hidden), ...ofEveryCommand].map(optionOf),
      help,
    ],
    arguments: argumentsOf(command),
  }))
}

const help: CompletedOption = {
  name: '--help',
  description: 'show help',
  takesValue: false,
  choices: [],
}

function optionOf({ long, description, required, argChoices }: Option): CompletedOption {
  return { name: long ?? '', description, takesValue: required, choices: argChoices ?? [] }
}

function argumentsOf({ registeredArguments, commands }: Command): CompletedCommand['arguments'] {
  if (commands.length > 0) return commands.map((command) => command.name())
  const [first] = registeredArguments
  if (first === undefined) return []
  if (first.argChoices !== undefined) return first.argChoices
  return kindOf(first)
}

function kindOf(argument: Argument): CompletedCommand['arguments'] {
  const name = argument.name()
  return name === 'id' ? 'ids' : name === 'file' ? 'files' : []
}
