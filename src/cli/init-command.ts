import { ExpError } from '../errors/exp-error.ts'
import { newExperimentText } from '../notebook/new-experiment.ts'
import { readTemplates } from '../notebook/template-files.ts'
import { writeNewFile } from '../files/write-files.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { readWords } from '../templates/words.ts'
import { readTerminalWords } from './terminal-words.ts'

/** Writes a commented experiment file; never overwrites an existing one. */
export async function init(name: string, io: Io): Promise<ExitCode> {
  const id = name.replace(/\.ya?ml$/, '')
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id))
    throw new ExpError(
      'invalid-input',
      `\`${name}\` is not a valid name for an experiment`,
      'Use a-z, 0-9 and `-`: the name becomes the file and the folder of its reports.',
    )
  const words = readTerminalWords()
  const file = `experiments/${id}.yaml`
  const locale = 'en'
  const initWords = readWords(readTemplates(locale), 'init')
  await writeNewFile(io.cwd, file, newExperimentText(id, locale, initWords))
  io.stdout.write(`${words.say('file.wrote', { file })}\n`)
  io.stderr.write(`${words.say('file.nextEdit', { file })}\n`)
  return exitCodes.done
}
