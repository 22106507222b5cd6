import { ExpError } from '../../errors/exp-error.ts'

/**
 * The name of a new experiment, without `.yaml`.
 * @throws ExpError `invalid-input` if it cannot be the name of a folder
 */
export function experimentName(text: string): string {
  const name = text.replace(/\.ya?ml$/, '')
  if (/^[a-z0-9][a-z0-9-]*$/.test(name)) return name
  throw new ExpError(
    'invalid-input',
    `\`${text}\` is not a valid name for an experiment`,
    'Use a-z, 0-9 and `-`: the name becomes the file and the folder of its reports.',
  )
}
