/**
 * The command line.
 *
 * Input: arguments. Output: an exit code, and text on stdout and stderr. The code of a command is loaded when the
 * command is called. All output is cleaned here, once.
 */
import { Argument, Command } from 'commander'
import type { Locale } from '../format/locales.generated.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { addRunCommands, addSetupCommands, addTuneCommand } from './experiment-commands.ts'
import { completionExamples, examples, helpItem } from './help-text.ts'
import { safeIo, type Io } from './io.ts'
import { langOption } from './language.ts'
import { addNotebookCommands, addTransferCommands } from './notebook-commands.ts'
import { printError } from './print-error.ts'
import { programVersion } from './program-version.ts'
import { addReadingCommands, addReportCommands } from './report-commands.ts'
import { addServerCommands } from './server-commands.ts'

/** @param args without the program's name */
export async function runCommandLine(args: readonly string[], rawIo: Io): Promise<ExitCode> {
  let lang: Locale | undefined
  const io: Io = {
    ...safeIo(rawIo),
    // A getter, because the language is known only when arguments have been parsed.
    get lang() {
      return lang
    },
  }
  let exitCode: ExitCode = exitCodes.done
  const program = createProgram(io, (code) => (exitCode = code))
  for (const command of [program, ...commandsIn(program)]) {
    const option = langOption((chosen) => (lang = chosen))
    command.addOption(command === program ? option : option.hideHelp())
  }
  // Lets a command have an option with the name of an option of the program: `exp rerun ID --version …`.
  program.enablePositionalOptions()
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return printError(error, io)
  }
}

/** The subcommands of a command, at all levels. */
function commandsIn({ commands }: Command): readonly Command[] {
  return commands.flatMap((command) => [command, ...commandsIn(command)])
}

function createProgram(io: Io, setExitCode: (code: ExitCode) => void): Command {
  const program = new Command('exp')
    .description('The lab notebook for people who tune Ollama deployments.')
    .version(programVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns,
      getErrHelpWidth: () => io.stderr.columns,
    })
    .configureHelp({ formatItem: helpItem })
    .exitOverride()
    .addHelpText('after', examples)

  const add = (name: string, summary: string) =>
    program
      .command(name)
      .description(summary)
      .copyInheritedSettings(program)
      .showHelpAfterError(`hint:  \`exp ${name.split(' ')[0]} --help\` shows how to call it`)

  addSetupCommands(add, io, setExitCode)
  addTuneCommand(add, io, setExitCode)
  addRunCommands(add, io, setExitCode)
  addReportCommands(add, io, setExitCode)
  addReadingCommands(add, io, setExitCode)
  addNotebookCommands(add, io, setExitCode)
  addTransferCommands(add, io, setExitCode)
  addServerCommands(add, io, setExitCode)
  add('completion', 'print the script that completes commands in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', completionExamples)
    .action(async (shell: string) => {
      const { completion } = await import('./completion/completion-command.ts')
      setExitCode(completion(shell, program, io))
    })
  return program
}
