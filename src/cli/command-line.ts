/**
 * The command line: arguments in, exit code out. A command's own code is loaded when the command is called.
 * This is the one place that turns errors into text: an `ExpError` into what happened and what to do now,
 * anything else into a bug report with its stack.
 */
import path from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { ExpError } from '../errors/exp-error.ts'
import { exitCodeOf, exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { paint } from './paint.ts'
import { programVersion } from './program-version.ts'

/** @param args without the program's own name */
export async function runCommandLine(args: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done
  const program = commands(io, (code) => (exitCode = code))
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, io)
  }
}

function commands(io: Io, done: (code: ExitCode) => void): Command {
  const program = new Command('exp')
    .description('The lab notebook for people who tune Ollama deployments.')
    .version(programVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .exitOverride()
    .addHelpText('after', examples)

  const add = (name: string, summary: string) =>
    program.command(name).description(summary).copyInheritedSettings(program)

  add('init <name>', 'write a commented experiment file, experiments/<name>.yaml').action(
    async (name: string) => {
      const { init } = await import('./init-command.ts')
      done(await init(name, io))
    },
  )
  add('validate <file...>', 'check experiment files; globs are understood').action(
    async (files: string[]) => {
      const { validate } = await import('./validate-command.ts')
      done(await validate(files, io))
    },
  )
  add('run <file...>', 'measure, store every request, and write the report')
    .option('--try', 'a quick look: one round, printed, kept outside the notebook')
    .option(
      '--only <config>',
      'measure this config and what it is compared with; can be given several times, or as `a,b`',
      configKeys,
    )
    .option('--alone', 'with --only: measure these configs by themselves')
    .option('--rounds <number>', 'rounds to measure in place of what the file says', wholeNumber)
    .option('--resume', 'complete the newest run: measure only what is missing')
    .option('--retry-failed', 'with --resume: measure failed trials again, too')
    .option('--dry-run', 'print the plan and what can be had here; measure nothing')
    .option(
      '--aa <config>',
      'measure one config against itself: the noise floor of this experiment here',
    )
    .option('--gate', 'exit 1 unless every hypothesis marked `gate: true` is supported')
    .option('-y, --yes', 'go on where a question would be asked')
    .addOption(new Option('--json', 'print the result as JSON on stdout'))
    .action(async (files: string[], options: object) => {
      const { run } = await import('./run/run-command.ts')
      done(await run(files, options, io))
    })
  add('report [id...]', 'render reports from stored results')
    .option('--all', 'every experiment of the notebook')
    .option('--stdout', 'print the report in place of writing it')
    .option('--templates <directory>', 'render with these templates; goes with --stdout')
    .option('--discard-edits', 'drop text that was changed outside keep blocks')
    .action(async (ids: string[], options: object) => {
      const { report } = await import('./report-command.ts')
      done(await report(ids, options, io))
    })
  add(
    'check [id...]',
    'for CI: are the reports what the results say? Starts and connects to nothing',
  )
    .option('--gate', 'exit 1 unless every hypothesis marked `gate: true` is supported')
    .action(async (ids: string[], options: object) => {
      const { check } = await import('./check-command.ts')
      done(await check(ids, options, io))
    })
  add('diff <id> [from] [to]', 'what changed between two versions of a report')
    .addOption(
      new Option('--format <format>', 'form of the answer').choices(['text', 'md']).default('text'),
    )
    .option('--json', 'print it as JSON')
    .action(
      async (id: string, from: string | undefined, to: string | undefined, options: object) => {
        const { diff } = await import('./diff-command.ts')
        done(diff(id, from, to, options, io))
      },
    )
  add('list', 'the notebook: each experiment and its answer, what follows from it below')
    .option('--json', 'print it as JSON')
    .action(async (options: object) => {
      const { list } = await import('./list-command.ts')
      done(list(options, io))
    })
  add('show <id>', 'one experiment: question, answer, version, results in use')
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: object) => {
      const { show } = await import('./list-command.ts')
      done(show(id, options, io))
    })
  add('next <id> <cause>', 'write the experiment that would test a cause of a report').action(
    async (id: string, cause: string) => {
      const { next } = await import('./next-command.ts')
      done(await next(id, cause, io))
    },
  )
  add('drop <id> <run>', 'take a run out of use; the report says so')
    .requiredOption('--why <text>', 'the reason, kept with the results')
    .action(async (id: string, run: string, options: { why: string }) => {
      const { drop } = await import('./drop-command.ts')
      done(await drop(id, run, options.why, io))
    })
  add('doctor', 'what this machine can run, and how to mend what it cannot')
    .option('--json', 'print it as JSON')
    .action(async (options: object) => {
      const { doctor } = await import('./doctor-command.ts')
      done(await doctor(options, io))
    })
  add('embedded', "serve the embedded engine on Ollama's API at OLLAMA_HOST until stopped").action(
    async () => {
      const { embedded } = await import('./embedded-command.ts')
      done(await embedded(io))
    },
  )
  return program
}

const examples = `
Examples:
  $ exp run experiments/docker-opt.yaml    measure it, and write reports/docker-opt/README.md
  $ exp run experiments/docker-opt.yaml --dry-run
  $ exp report --all                       render every report again from stored results
  $ exp check                              in CI: exit 1 if a report is not what its results say
  $ exp init my-experiment                 start an experiment of your own

Exit codes:
  0 done   1 findings   2 invalid input   3 this machine lacks something   4 incomplete   130 interrupted
`

function configKeys(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((key) => key.trim())]
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw new InvalidArgumentError('It takes a whole number from 1 to 9999.')
  return Number(text)
}

const refusals: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of it is no folder'],
  ['ENOENT', 'it is not there, or a link that leads nowhere'],
  ['ELOOP', 'links lead in a circle'],
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the disk is read-only'],
])

/** Which file the system refused, and why: a state of the machine, not a bug. It does not always say which. */
function refusalOf(error: unknown, io: Io): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const why = refusals.get(error.code)
  if (why === undefined) return undefined
  const place = 'path' in error && typeof error.path === 'string' ? error.path : undefined
  const shown = place === undefined ? 'a file' : `\`${path.relative(io.cwd, place) || '.'}\``
  return `${shown} cannot be used: ${why}`
}

function report(error: unknown, io: Io): ExitCode {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCodes.done : exitCodes.invalid
  const { red, dim } = paint(io.stderr, io.env)
  if (error instanceof ExpError) {
    io.stderr.write(`${red('error:')} ${error.message}\n`)
    if (error.hint !== undefined) io.stderr.write(`${dim('hint:')}  ${error.hint}\n`)
    return exitCodeOf(error.code)
  }
  const refusal = refusalOf(error, io)
  if (refusal !== undefined) {
    io.stderr.write(
      `${red('error:')} ${refusal}\n${dim('hint:')}  mend what stands there, or the rights to it, and run the command again\n`,
    )
    return exitCodes.environment
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.stderr.write(
    `${red('bug:')} exp did something that it should not. Please report it with these lines:\n${trace}\n`,
  )
  return exitCodes.bug
}
