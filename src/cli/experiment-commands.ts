/** The commands that write, check and measure experiments. The code of a command is loaded when it is called. */
import { Option, type Command } from 'commander'
import type { ExitCode } from './exit-code.ts'
import { compareExamples, tuneExamples } from './help-text.ts'
import type { Io } from './io.ts'
import { collectValues, configKeys, wholeNumber, wholeNumbers } from './option-values.ts'

/**
 * `exp init` and `exp compare`, which make a new experiment.
 * @param add adds a command with its summary
 */
export function addSetupCommands(
  add: (name: string, summary: string) => Command,
  io: Io,
  setExitCode: (code: ExitCode) => void,
): void {
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
    add(
      'compare [model...]',
      'measure models, settings, versions or servers against each other; `MODEL@SERVER` is a model on a server of its own',
    ),
    '10s',
  )
    .option(
      '--like <file>',
      'take load and prompts from this experiment, and compare the named models with its first config, or with the default settings of its race',
    )
    .option('--save <name>', 'keep experiment and results: write them into the notebook')
    .option('-y, --yes', 'answer every question with yes')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText('after', compareExamples)
    .action(async (models: string[], options: object) => {
      const { compare } = await import('./compare/compare-command.ts')
      setExitCode(await compare(models, options, io))
    })
}

/** @param add adds a command with its summary */
export function addTuneCommand(
  add: (name: string, summary: string) => Command,
  io: Io,
  setExitCode: (code: ExitCode) => void,
): void {
  add('tune [model]', 'find the best settings for a model on this machine, and confirm the gain')
    .option(
      '--users <number>',
      'users that send requests at the same time (default: 4)',
      wholeNumber,
    )
    .option(
      '--slo <objective>',
      'what the best settings must achieve: `latencyP95<=2s`; for several objectives, repeat the option',
      collectValues,
    )
    .option('--maximize <metric>', 'the metric that the race maximises', 'throughput')
    .option('--budget <time>', 'the time for the race and the confirmation of its winner', '45m')
    .option(
      '--on <server>',
      'native, ssh:HOST, docker, docker:IMAGE, embedded, or a URL',
      configKeys,
    )
    .option(
      '--vary <setting=values>',
      'what races, in place of the settings that can have an effect here: a variable or a request option with its values; for several settings, repeat the option',
      collectValues,
    )
    .option(
      '--ignore-below <share>',
      'settings that are worse than the best by less than this count as equally good (default: 3%)',
    )
    .option('--prompts <file>', 'the prompts: a text file (one on each line), .jsonl or .csv')
    .option('--duration <time>', 'how long each config is measured in each round', '10s')
    .option('--save <name>', 'keep experiment and results: write them into the notebook')
    .option('-y, --yes', 'answer every question with yes')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText('after', tuneExamples)
    .action(async (model: string | undefined, options: object) => {
      const { tune } = await import('./tune/tune-command.ts')
      setExitCode(await tune(model, options, io))
    })
}

/**
 * `exp validate` and `exp run`.
 * @param add adds a command with its summary
 */
export function addRunCommands(
  add: (name: string, summary: string) => Command,
  io: Io,
  setExitCode: (code: ExitCode) => void,
): void {
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
    .option(
      '--host <name>',
      'measure the configs of this host only, from here if their targets reach it',
    )
    .option('--here', 'with --host: this machine is that host')
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
}

/** The options of commands that make a new experiment. */
function setupOptions(command: Command, duration: string): Command {
  return command
    .option(
      '--vary <setting=values>',
      'what to compare: a variable, a request option, `users` or `version`, with its values; for several settings, repeat the option: the answer then states the effect of each',
      collectValues,
    )
    .option(
      '--on <servers>',
      'native, ssh:HOST, docker, docker:IMAGE, embedded, or URLs: `a,b`',
      configKeys,
    )
    .option('--prompts <file>', 'the prompts: a text file (one on each line), .jsonl or .csv')
    .option(
      '--users <number>',
      'users that send requests at the same time (default: 1; 3 if slots are compared); several numbers, `1,2,4`, are levels: each config is measured at each level',
      wholeNumbers,
    )
    .option(
      '--slo <objective>',
      'what the service must achieve: `latencyP95<=2s`; for several objectives, repeat the option; with several numbers of users, the answer says how many each config can serve',
      collectValues,
    )
    .option(
      '--capacity <users>',
      'search how many users each config can serve, up to this number; needs --slo',
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
