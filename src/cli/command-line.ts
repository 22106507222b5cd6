/**
 * The command line.
 *
 * Input: arguments. Output: an exit code, and text on stdout and stderr. The code of a command is loaded when the
 * command is called. All output is cleaned here, once.
 */
import { Argument, Command, Option } from 'commander'
import type { Locale } from '../format/locales.generated.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { compareExamples, completionExamples, examples, helpItem } from './help-text.ts'
import { safeIo, type Io } from './io.ts'
import { langOption } from './language.ts'
import { addNotebookCommands } from './notebook-commands.ts'
import { collectValues, configKeys, wholeNumber, wholeNumbers } from './option-values.ts'
import { printError } from './print-error.ts'
import { programVersion } from './program-version.ts'
import { addServerCommands } from './server-commands.ts'
import { addTuneCommand } from './tune/tune-arguments.ts'

/** @param args without the program's name */
export async function runCommandLine(args: readonly string[], anyIo: Io): Promise<ExitCode> {
  let lang: Locale | undefined
  const io: Io = {
    ...safeIo(anyIo),
    // Known when a command is called: arguments are parsed before.
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
  // So that a command may have an option that the program has too: `exp rerun ID --version …`.
  program.enablePositionalOptions()
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return printError(error, io)
  }
}

/** The commands of a command, and theirs. */
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
    program.command(name).description(summary).copyInheritedSettings(program)

  setupOptions(
    add('init <name>', 'write an experiment file; on a terminal, exp asks what to compare'),
    '30s',
  )
    .option('--model <model>', 'the model; for several models, repeat the option', collectValues)
    .addOption(
      new Option(
        '--ci [kind]',
        'also write workflows that check reports in pull requests and publish them as a site; with `fleet`, also one that measures on several machines',
      ).choices(['reports', 'fleet']),
    )
    .action(async (name: string, options: object) => {
      const { init } = await import('./init/init-command.ts')
      setExitCode(await init(name, options, io))
    })
  setupOptions(
    add('compare [model...]', 'measure models, settings, versions or servers against each other'),
    '10s',
  )
    .option('--save <name>', 'keep experiment and results: write them into the notebook')
    .option('-y, --yes', 'answer every question with yes')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText('after', compareExamples)
    .action(async (models: string[], options: object) => {
      const { compare } = await import('./compare/compare-command.ts')
      setExitCode(await compare(models, options, io))
    })
  addTuneCommand(add, io, setExitCode)
  add('validate <file...>', 'check experiment files; accepts globs')
    .option('--hosts', 'print the hosts that the configs name, as a JSON list')
    .action(async (files: string[], options: object) => {
      const { validate } = await import('./validate-command.ts')
      setExitCode(await validate(files, options, io))
    })
  add('run <file...>', 'measure, store every request, and write the report')
    .option('--try', 'measure one round and print its figures; store nothing')
    .option(
      '--only <config>',
      'measure this config and those it is compared with; for several configs, repeat the option or write `a,b`',
      configKeys,
    )
    .option(
      '--alone',
      'with --only: measure the named configs only, without those they are compared with',
    )
    .option('--host <name>', 'measure as this host: only the configs that name it')
    .option('--rounds <number>', 'number of rounds, instead of those in the file', wholeNumber)
    .option('--resume', 'complete the newest run: measure only what is missing')
    .option('--retry-failed', 'with --resume: also repeat failed trials')
    .option('--open', 'show the report in the browser when it is written')
    .option('--dry-run', 'print the plan and the available targets; measure nothing')
    .option(
      '--aa <config>',
      'measure one config against itself, to find the noise floor on this machine',
    )
    .option('--gate', 'exit 1 unless every hypothesis marked `gate: true` is supported')
    .option('-y, --yes', 'answer every question with yes')
    .addOption(new Option('--json', 'print the result as JSON on stdout'))
    .action(async (files: string[], options: object) => {
      const { run } = await import('./run/run-command.ts')
      setExitCode(await run(files, options, io))
    })
  add('report [id...]', 'render reports from stored results')
    .option('--all', 'all experiments of the notebook')
    .option('--stdout', 'print the report instead of writing it')
    .option('--templates <directory>', 'render with these templates; requires --stdout')
    .option('--discard-edits', 'overwrite text that people changed outside keep blocks')
    .action(async (ids: string[], options: object) => {
      const { report } = await import('./report-command.ts')
      setExitCode(await report(ids, options, io))
    })
  add('check [id...]', 'for CI: check that the reports match their results; needs no server')
    .option('--all', 'also draw every chart again, not only those whose data changed')
    .option('--gate', 'exit 1 unless every hypothesis marked `gate: true` is supported')
    .addOption(
      new Option('--format <format>', 'output format; `github` for annotations in a pull request')
        .choices(['text', 'github'])
        .default('text'),
    )
    .option('--summary <file>', 'also write verdicts and findings as Markdown for a comment')
    .option('--against <ref>', 'with --summary: also what changed since a branch or commit of git')
    .action(async (ids: string[], options: object) => {
      const { check } = await import('./check/check-command.ts')
      setExitCode(await check(ids, options, io))
    })
  add('diff [id] [from] [to]', 'show the differences between two versions of a report')
    .option(
      '--against <ref>',
      'compare with a branch or commit of git instead, without <id> for every report; print nothing if nothing changed',
    )
    .addOption(
      new Option('--format <format>', 'output format; `md` for a comment on a pull request')
        .choices(['text', 'md'])
        .default('text'),
    )
    .option('--json', 'print JSON')
    .action(
      async (
        id: string | undefined,
        from: string | undefined,
        to: string | undefined,
        options: object,
      ) => {
        const { diff } = await import('./diff-command.ts')
        setExitCode(await diff(id, from, to, options, io))
      },
    )
  add(
    'list',
    'list all experiments with their answers; a follow-up is shown below the experiment that it follows',
  )
    .option('--json', 'print JSON')
    .action(async (options: object) => {
      const { list } = await import('./list-command.ts')
      setExitCode(list(options, io))
    })
  add('show <id>', 'show one experiment: question, answer, versions, results')
    .option('--json', 'print JSON')
    .addOption(
      new Option('--md', 'print ten lines of Markdown to paste into a chat').conflicts('json'),
    )
    .action(async (id: string, options: object) => {
      const { show } = await import('./show-command.ts')
      setExitCode(await show(id, options, io))
    })
  add('open [id]', 'show a report in the browser, or the whole notebook').action(
    async (id: string | undefined) => {
      const { openCommand } = await import('./open-command.ts')
      setExitCode(await openCommand(id, io))
    },
  )
  add('export <id>', 'print the figures, trials and requests of a report, or the report as a page')
    .addOption(
      new Option('--format <format>', 'tables as `csv` or `json`, or the report as `html`')
        .choices(['csv', 'json', 'html'])
        .default('csv'),
    )
    .addOption(
      new Option(
        '--table <table>',
        'one table; default: `figures` as CSV, all three as JSON',
      ).choices(['figures', 'trials', 'requests']),
    )
    .option('--out <file>', 'with html: write the page to this file, pictures included')
    .action(async (id: string, options: object) => {
      const { exportReport } = await import('./export-command.ts')
      setExitCode(await exportReport(id, options, io))
    })
  add('site', 'write the notebook as static pages: an index, all reports, and what changed in them')
    .option('--out <folder>', 'where to write them', 'site')
    .option(
      '--source <url>',
      'where readers find the files of this project, for links: `https://github.com/OWNER/NAME/blob/main`',
    )
    .action(async (options: object) => {
      const { site } = await import('./site-command.ts')
      setExitCode(await site(options, io))
    })
  addNotebookCommands(add, io, setExitCode)
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

/** The options of commands that make a new experiment. */
function setupOptions(command: Command, duration: string): Command {
  return command
    .option(
      '--vary <setting=values>',
      'what to compare: a variable, a request option, `users` or `version`, with its values; for several settings, of which the answer then says what each is worth, repeat the option',
      collectValues,
    )
    .option('--on <servers>', 'native, docker, docker:IMAGE, embedded, or URLs: `a,b`', configKeys)
    .option('--prompts <file>', 'the prompts: a text file (one on each line), .jsonl or .csv')
    .option(
      '--users <number>',
      'users that send requests at the same time (default: 1; 3 if slots are compared); several numbers, `1,2,4`, are levels: each config is measured with each of them',
      wholeNumbers,
    )
    .option(
      '--slo <objective>',
      'what the service must achieve: `latencyP95<=2s`; for several objectives, repeat the option; with levels, the answer says how many users each config carries',
      collectValues,
    )
    .option(
      '--capacity <users>',
      'search how many users each config carries, up to this number; needs --slo',
      wholeNumber,
    )
    .option(
      '--mix <models>',
      'several models on one server, with the weights of their requests: `qwen3:0.6b=3,qwen3:1.7b=1`',
    )
    .option(
      '--ramp <time>',
      'spread the starts of the users over this time, or `auto`: over the time of a request',
    )
    .option('--pause <time>', 'the time that a user waits after an answer before the next request')
    .option('--rounds <number>', 'how often each config is measured (default: 6)', wholeNumber)
    .option('--duration <time>', 'how long each config is measured in each round', duration)
}
