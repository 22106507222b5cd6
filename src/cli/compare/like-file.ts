/** The experiment file that `exp compare --like FILE` measures. */
import { ExpError } from '../../errors/exp-error.ts'
import { quoted } from '../../errors/quote.ts'
import type { Dataset } from '../../experiment/dataset.ts'
import { writeExperiment } from '../../experiment/write-experiment.ts'
import { datasetPath } from '../../notebook/next-file.ts'
import { parseExperimentFile } from '../../notebook/project.ts'
import { experimentLike, type ComparedModel } from '../../setup/like-experiment.ts'
import { readPlacedModel, readServer } from '../../setup/read-options.ts'
import { serverLabels, type SetupOptions, type SetupContext } from '../init/choices-of-options.ts'
import type { NewFile } from '../init/new-file.ts'
import type { Io } from '../io.ts'
import { experimentFiles, printProblems } from '../validate-command.ts'

/** The options that cannot be used, because the file has their values. */
const optionsOfFile = [
  'vary',
  'on',
  'prompts',
  'users',
  'slo',
  'capacity',
  'mix',
  'ramp',
  'pause',
] as const

/**
 * The new experiment; undefined if FILE has problems, which are then printed.
 * @param name of the new experiment
 * @param isKept true if the new experiment is written into the same project
 * @throws ExpError `invalid-input` for options whose values the file has, or if nothing is named to compare
 */
export async function fileLike(
  like: string,
  models: readonly string[],
  options: SetupOptions,
  {
    name,
    isKept,
    project,
  }: { readonly name: string; readonly isKept: boolean; readonly project: string },
  context: SetupContext,
  io: Io,
): Promise<NewFile | undefined> {
  refuseOptionsOfFile(options)
  const [file = like] = await experimentFiles([like], io)
  const parsed = parseExperimentFile(project, file)
  if (!printProblems(parsed, io) || parsed.experiment === undefined) return undefined
  const [first, ...more] = models.map((text) => otherSide(text, context))
  if (first === undefined)
    throw new ExpError(
      'invalid-input',
      '`--like` names an experiment, but nothing names what to compare it with',
      'Name a model, with its server if that is another: `exp compare MODEL@http://127.0.0.1:11434 --like FILE`.',
    )
  const { locale, words } = context
  const content = experimentLike(parsed.experiment, [first, ...more], {
    ...{ locale, rounds: options.rounds, versus: words.text('join.versus') },
    datasetFile: isKept ? datasetPath(project, parsed.experiment.file) : undefined,
  })
  if (!isKept) refuseUnwritable(content.dataset)
  return { file: `experiments/${name}.yaml`, text: writeExperiment(content), notes: [] }
}

function refuseOptionsOfFile(options: SetupOptions): void {
  const given = optionsOfFile.find((name) => {
    const value = options[name]
    return Array.isArray(value) ? value.length > 0 : value !== undefined
  })
  if (given === undefined) return
  throw new ExpError(
    'invalid-input',
    `\`--like\` takes load, prompts and settings from its file, so ${quoted(`--${given}`)} has no effect`,
    `Remove one of them.`,
  )
}

/**
 * A new file outside the project contains the samples themselves. It can contain neither pictures nor samples that are
 * not on this machine.
 */
function refuseUnwritable(dataset: Dataset | undefined): void {
  if (dataset === undefined) return
  if (dataset.notOnThisMachine !== undefined)
    throw new ExpError(
      'environment',
      `the private dataset \`${dataset.name}\` is not on this machine`,
      `Name its file in \`exp.local.yaml\`, in the project's folder: \`datasets: {${dataset.name}: PATH}\`.`,
    )
  if (dataset.samples.some(({ images = [] }) => images.length > 0))
    throw new ExpError(
      'invalid-input',
      `the samples of \`${dataset.name}\` have pictures, which are files of the project`,
      'Add `--save NAME`, so that the new experiment is part of the project, too.',
    )
}

function otherSide(text: string, { words, ollama }: SetupContext): ComparedModel {
  const { model, server } = readPlacedModel(text)
  return server === undefined
    ? { model }
    : { model, server: readServer(server, serverLabels(words), ollama.installed) }
}
