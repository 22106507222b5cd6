/**
 * `exp compare`: measures models, settings, versions or servers against each other, and keeps nothing unless asked to.
 */
import { z } from 'zod'
import { oneLine } from '../../format/plain-text.ts'
import { resultsData } from '../../library/published-data.ts'
import type { Published } from '../../notebook/publish-report.ts'
import { findRoot } from '../../notebook/project.ts'
import { readTemplates } from '../../notebook/template-files.ts'
import { prepareTemplates } from '../../report/report.ts'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import { choicesOf, setupOptions, readSetupContext } from '../init/choices-of-options.ts'
import { newFile } from '../init/new-file.ts'
import { readPromptsFile } from '../init/prompts-file.ts'
import { paint, type Io } from '../io.ts'
import { printJson } from '../safe-output.ts'
import { terminalLocale } from '../language.ts'
import { readTerminalWords } from '../terminal-words.ts'
import { figureLines } from '../run/figures-text.ts'
import { comparisonLines } from './comparison-text.ts'
import { fileLike } from './like-file.ts'
import { measureNew, nameToSave } from './measure-new.ts'

const schema = setupOptions.extend({
  like: z.string().optional(),
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
  const project = findRoot(io.cwd)
  const name = nameToSave(options.save, 'compare', project)
  const context = await readSetupContext(project, io)
  const print = (published: Published) => {
    printComparison(published, options, io)
  }
  if (options.like !== undefined) {
    const place = { name, isKept: options.save !== undefined, project }
    const like = await fileLike(options.like, models, options, place, context, io)
    if (like === undefined) return exitCodes.invalid
    return measureNew(
      { newFile: like, prompts: undefined, needsTwoConfigs: true, print },
      options,
      project,
      io,
    )
  }
  const file =
    options.prompts === undefined ? undefined : await readPromptsFile(options.prompts, io)
  const prompts = file?.prompts ?? { kind: 'tasks' }
  // A report needs more requests, but even a slow model should give an answer within minutes. Most objectives are
  // about a P95, which needs 20.
  const load = { prompts, atLeast: options.slo.length === 0 ? 10 : 20, atMost: '1m' }
  const choices = choicesOf(models, options, load, context)
  const experimentFile = newFile(name, choices, file, context.words, false)
  return measureNew(
    { newFile: experimentFile, prompts: file, needsTwoConfigs: true, print },
    options,
    project,
    io,
  )
}

function printComparison(
  { experiment, analysis, answer }: Published,
  { json, save }: CompareOptions,
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
  // A grid needs a sentence for each factor.
  const shown = analysis.grid === undefined ? answer.slice(0, 3) : answer
  const sentences = save === undefined ? shown.map(oneLine) : []
  // The levels of one config are not compared with each other.
  const figures =
    analysis.comparisons.length > 0
      ? comparisonLines(analysis, templates, readTerminalWords(io), io.stdout)
      : [...figureLines(analysis.configs, templates, io.stdout), '']
  const lines = [...head, ...figures, ...sentences]
  io.stdout.write(`${lines.join('\n')}\n`)
}
