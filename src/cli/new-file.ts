import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ExpError } from '../errors/exp-error.ts'

/**
 * Writes a new file. Throws `ExpError` if it already exists.
 * @param file relative to the root
 */
export async function writeNewFile(root: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true })
  try {
    await writeFile(join(root, file), text, { flag: 'wx' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new ExpError(
        'invalid-input',
        `\`${file}\` already exists`,
        'Remove or rename it; nothing was changed.',
      )
    throw error
  }
}
