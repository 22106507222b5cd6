/** The layout of help, the examples in the help of commands, and the exit codes. */
import type { Help } from 'commander'
import { exitCodeMeanings } from './exit-code.ts'

export const compareExamples = `
Examples:
  $ exp compare qwen3:4b-q4_K_M qwen3:4b-q8_0 --prompts prompts.txt
  $ exp compare qwen3:4b --vary OLLAMA_NUM_PARALLEL=1,4 --users 3
  $ exp compare qwen3:4b --users 1,2,4,8 --slo 'latencyP95<=2s'
  $ exp compare qwen3:4b --capacity 32 --slo 'latencyP95<=2s' --pause 5s
  $ exp compare qwen3:4b --vary OLLAMA_NUM_PARALLEL=1,4 --vary users=1,4
  $ exp compare --mix qwen3:0.6b=3,qwen3:4b=1 --vary OLLAMA_MAX_LOADED_MODELS=1,2
  $ exp compare qwen3:4b --vary version=0.11.3,installed
  $ exp compare qwen3:4b --on native,docker
  $ exp compare qwen3:4b --on http://mac:11434,http://box:11434
  $ exp compare qwen3:4b@native qwen3:4b-tuned@http://box:11434

\`exp compare\` measures. \`exp diff\` only shows what changed between two versions of a report.`

export const tuneExamples = `
Examples:
  $ exp tune qwen3:4b
  $ exp tune qwen3:4b --users 4 --slo 'latencyP95<=2s' --maximize throughput --budget 45m
  $ exp tune qwen3:4b --vary OLLAMA_NUM_PARALLEL=1,2,4 --vary num_thread=2,4,8
  $ exp tune qwen3:4b --on http://box:11434 --prompts prompts.txt

Without --vary, every setting that can have an effect on this machine and version takes part in the race. Settings that
are clearly worse are eliminated. Six more rounds of the winner and the default then measure the gain. --save NAME keeps
experiment, results and report; to continue an interrupted race, use \`exp run --resume experiments/NAME.yaml\`.`

const exitCodeLines = Object.entries(exitCodeMeanings)
  .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
  .join('\n')

export const examples = `
Examples:
  An answer in the terminal:
    $ exp compare MODEL --vary OLLAMA_NUM_PARALLEL=1,4 --users 3
  Write an experiment, measure it, and write reports/slots/README.md:
    $ exp init slots
    $ exp run experiments/slots.yaml
  Render every report again from stored results:
    $ exp report --all
  In CI, exit 1 if a report does not match its results:
    $ exp check

Exit codes:
${exitCodeLines}`

export const completionExamples = `
Load the script now, or add the line to the startup file of your shell:
  bash  source <(exp completion bash)
  zsh   source <(exp completion zsh)
  fish  exp completion fish | source`

/** If fewer columns remain beside the names, descriptions are printed below the names. */
const minDescriptionColumns = 40

/** An argument, an option or a command with its description. */
export function helpItem(
  this: Help,
  term: string,
  termWidth: number,
  description: string,
  helper: Help,
): string {
  const width = this.helpWidth ?? 80
  const isNarrow = width - termWidth - 4 < minDescriptionColumns
  const indent = ' '.repeat(isNarrow ? 6 : termWidth + 4)
  const lines = helper.boxWrap(description, width - indent.length).split('\n')
  if (description === '') return `  ${term}`
  const name = isNarrow ? `  ${term}\n${indent}` : `  ${term}`.padEnd(indent.length)
  return name + lines.join(`\n${indent}`)
}
