/** The file with the model's weights: created on first use, then kept in the user's cache folder. */
import { createHash } from 'node:crypto'
import { access, constants, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { codeOf } from '../files/read-files.ts'
import { temporaryName, writeError } from '../files/write-files.ts'
import { encodeSyntheticModel } from './synthetic-model.ts'

/** Size and digest of the output of `encodeSyntheticModel`. If the model changes, so does the file's name. */
export const weights = {
  sha256: '64970fbf2ce366caa77fd4a73d959e188161c756b8c2daf21fcc65c7785ff9c3',
  sizeBytes: 13_422_112,
} as const

/**
 * Returns the path of the weights, and creates them if they are missing or damaged. Two processes may do this at once:
 * each writes its own temporary file and renames it into place, and the bytes are the same.
 */
export async function ensureWeights(folder: string): Promise<string> {
  const file = fileIn(folder)
  if (await isComplete(file)) return file
  await mkdir(folder, { recursive: true })
  const temporaryFile = temporaryName(file)
  try {
    await writeFile(temporaryFile, encodeSyntheticModel(), { flush: true })
    await rename(temporaryFile, file)
  } catch (error) {
    await rm(temporaryFile, { force: true })
    if (!(await isComplete(file))) throw error // on Windows, a rename fails while another process reads the file
  }
  return file
}

/**
 * Why the weights can neither be read nor be created in the folder; undefined if they can. Writes nothing.
 * `weightsHint` says what to do then.
 */
export async function weightsProblem(folder: string): Promise<string | undefined> {
  if (await isComplete(fileIn(folder))) return undefined
  for (let place = folder; ; place = path.dirname(place)) {
    try {
      if (!(await stat(place)).isDirectory()) return `\`${place}\` is not a folder`
      await access(place, constants.W_OK | constants.X_OK)
      return undefined
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return writeError(place, error).message
    }
  }
}

export const weightsHint =
  'Set `XDG_CACHE_HOME` to a folder that is writable, with 14 MB of free space.'

function fileIn(folder: string): string {
  return path.join(folder, `exp-embedded-${weights.sha256.slice(0, 12)}.gguf`)
}

async function isComplete(file: string): Promise<boolean> {
  try {
    if ((await stat(file)).size !== weights.sizeBytes) return false
    const bytes = await readFile(file)
    return createHash('sha256').update(bytes).digest('hex') === weights.sha256
  } catch {
    return false
  }
}
