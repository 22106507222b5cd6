/** The file of a new experiment, checked by the rules of all experiment files before anything is written. */
import { ExpError } from '../../errors/exp-error.ts'
import { parseExperiment } from '../../experiment/parse-experiment.ts'
import type { Choices } from '../../setup/choices.ts'
import { type InitWords, newExperimentText } from '../../setup/new-experiment.ts'
import type { PromptsFile } from './prompts-file.ts'

export interface NewFile {
  /** Relative to the project. */
  readonly file: string
  readonly text: string
  /** Warnings without positions, because nobody has seen the file yet. */
  readonly notes: readonly string[]
}

/**
 * @param hasClaims true to write hypotheses to start from
 * @throws ExpError `invalid-input` if the choices compare nothing, or have values that a file may not have
 */
export function newFile(
  name: string,
  choices: Choices,
  prompts: PromptsFile | undefined,
  words: InitWords,
  hasClaims: boolean,
): NewFile {
  const file = `experiments/${name}.yaml`
  const text = newExperimentText(name, choices, words, hasClaims)
  const { problems } = parseExperiment({
    file,
    text,
    readDataset: () => prompts && { file: prompts.copy, text: prompts.bytes.toString('utf8') },
  })
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first, ...others] = errors
  if (first !== undefined && others.length === 0)
    throw new ExpError('invalid-input', first.message, first.hint)
  if (first !== undefined)
    throw new ExpError('invalid-input', [
      'these options make no valid experiment',
      ...errors.map(({ message, hint }) => `  ${[message, hint].join('; ')}`),
    ])
  return { file, text, notes: problems.map(({ message }) => message) }
}
