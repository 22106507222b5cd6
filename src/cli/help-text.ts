/** The examples in the help of commands, and the exit codes. */
import { exitCodeMeanings } from './exit-code.ts'

export const compareExamples = `
Examples:
  $ exp compare qwen3:4b-q4_K_M qwen3:4b-q8_0 --prompts prompts.txt
  $ exp compare qwen3:4b --vary OLLAMA_NUM_PARALLEL=1,4 --users 3
  $ exp compare qwen3:4b --vary version=0.11.3,installed
  $ exp compare qwen3:4b --on native,docker
  $ exp compare qwen3:4b --on http://mac:11434,http://box:11434

compare measures; diff reads: \`exp diff\` shows what changed between two versions of a report.
`

const exitCodeLines = Object.entries(exitCodeMeanings)
  .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
  .join('\n')

export const examples = `
Examples:
  $ exp compare MODEL --vary OLLAMA_NUM_PARALLEL=1,4 --users 3    an answer in the terminal
  $ exp run experiments/docker-opt.yaml    measure it, and write reports/docker-opt/README.md
  $ exp run experiments/docker-opt.yaml --dry-run
  $ exp report --all                       render every report again from stored results
  $ exp check                              in CI: exit 1 if a report does not match its results
  $ exp init my-experiment                 write a new experiment file

Exit codes:
${exitCodeLines}
`

export const completionExamples = `
Load it now, or in the file that your shell reads at its start:
  bash  source <(exp completion bash)
  zsh   source <(exp completion zsh)
  fish  exp completion fish | source
`
