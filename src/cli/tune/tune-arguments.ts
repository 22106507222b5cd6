/** The arguments of `exp tune`. The code of the command is loaded when it is called. */
import type { Command } from 'commander'
import type { ExitCode } from '../exit-code.ts'
import { tuneExamples } from '../help-text.ts'
import type { Io } from '../io.ts'
import { collectValues, configKeys, wholeNumber } from '../option-values.ts'

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
      const { tune } = await import('./tune-command.ts')
      setExitCode(await tune(model, options, io))
    })
}
