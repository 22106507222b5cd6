/** `exp compare`: measures models, settings, versions or servers against each other, and keeps nothing unless asked to. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { assertNewFile, writeFiles, writeNewFile } from '../../files/write-files.ts'
import { oneLine } from '../../format/plain-text.ts'
import { resultsData } from '../../library/published-data.ts'
import type { Published } from '../../notebook/publish-report.ts'
import { findRoot, parseExperimentFile } from '../../notebook/project.ts'
import { readTemplates } from '../../notebook/template-files.ts'
import { prepareTemplates } from '../../report/report.ts'
import { projectFiles } from '../../setup/project-files.ts'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import {
  choicesOf,
  setupOptions,
  experimentName,
  readSurroundings,
} from '../init/choices-of-options.ts'
import { newFile, type NewFile } from '../init/new-file.ts'
import { readPromptsFile, type PromptsFile } from '../init/prompts-file.ts'
import { paint, type Io } from '../io.ts'
import { printJson } from '../safe-output.ts'
import { runExperiment, type RunPlace } from '../run/run-command.ts'
import { defaultRunOptions } from '../run/run-options.ts'
import { printPublished } from '../run/run-outcome.ts'
import { terminalLocale } from '../language.ts'
import { readTerminalWords, type TerminalWords } from '../terminal-words.ts'
import { figureLines } from '../run/figures-text.ts'
import { comparisonLines } from './comparison-text.ts'

const schema = setupOptions.extend({
  save: z.string().optional(),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
})
type CompareOptions = Readonly<z.infer<typeof schema>>

export async function compare(
  models: readonly string[],
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const options = schema.parse(rawOptions)
  const name = options.save === undefined ? 'compare' : experimentName(options.save)
  const project = findRoot(io.cwd)
  if (options.save !== undefined) assertNewFile(project, `experiments/${name}.yaml`)
  const surroundings = await readSurroundings(project, io)
  const file =
    options.prompts === undefined ? undefined : await readPromptsFile(options.prompts, io)
  const prompts = file?.prompts ?? { kind: 'tasks' }
  // A slow model gets an answer within minutes, from fewer requests than a report should rest on.
  const load = { prompts, atLeast: 10, atMost: '1m' }
  const choices = choicesOf(models, options, load, surroundings)
  const made = newFile(name, choices, file, surroundings.words, false)
  if (options.save !== undefined) {
    await writeFiles(project, projectFiles(project))
    return measure(project, project, made, file, options, io)
  }
  const folder = await mkdtemp(join(tmpdir(), 'exp-compare-'))
  try {
    return await measure(folder, project, made, file, options, io)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Writes the experiment into a project, and runs it.
 * @param root the project that gets the experiment and its results
 * @param settings the folder of exp.local.yaml
 */
async function measure(
  root: string,
  settings: string,
  { file, text, notes }: NewFile,
  prompts: PromptsFile | undefined,
  options: CompareOptions,
  io: Io,
): Promise<ExitCode> {
  if (prompts !== undefined) await writeFiles(root, new Map([[prompts.copy, prompts.bytes]]))
  await writeNewFile(root, file, text)
  const { experiment } = parseExperimentFile(root, file)
  if (experiment === undefined) return exitCodes.invalid
  const words = readTerminalWords(io)
  if (options.save !== undefined) io.stderr.write(`${words.text('file.wrote', { file })}\n`)
  for (const note of notes) io.stderr.write(`${words.text('plan.note', { note })}\n`)
  const place: RunPlace = {
    root,
    settings,
    compares: true,
    show: (published, outcome) => {
      printComparison(published, options, words, io)
      if (options.save !== undefined && !options.json)
        printPublished(published, outcome, { json: false }, words, io)
    },
  }
  return runExperiment(experiment, { ...defaultRunOptions, yes: options.yes }, place, io)
}

function printComparison(
  { experiment, analysis, answer }: Published,
  { json, save }: CompareOptions,
  words: TerminalWords,
  io: Io,
): void {
  if (json) {
    printJson(io.stdout, resultsData(experiment, analysis))
    return
  }
  const { bold } = paint(io.stdout, io.env)
  const templates = prepareTemplates(readTemplates(terminalLocale(io)))
  // With `--save`, the answer follows as after any run.
  const head = save === undefined ? [bold(oneLine(experiment.title)), ''] : []
  // What each factor of a grid is worth takes a sentence for each.
  const shown = analysis.grid === undefined ? answer.slice(0, 3) : answer
  const sentences = save === undefined ? shown.map(oneLine) : []
  // The levels of one config are not compared with each other.
  const figures =
    analysis.comparisons.length > 0
      ? comparisonLines(analysis, templates, words, io.stdout)
      : [...figureLines(analysis.configs, templates, io.stdout), '']
  const lines = [...head, ...figures, ...sentences]
  io.stdout.write(`${lines.join('\n')}\n`)
  if (save === undefined) io.stderr.write(`${words.text('compare.notKept')}\n`)
}
