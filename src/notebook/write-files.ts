/** Writes files of the project. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { ExpError } from '../errors/exp-error.ts'
import { writeError } from '../results/trial-writer.ts'

export interface Written {
  /** Relative to the project's root, with forward slashes. */
  readonly file: string
  readonly how: 'new' | 'changed'
}

/**
 * Writes the files that differ from those on disk, in order, each atomically. Leaves the others untouched.
 * @param files by path relative to the root, with forward slashes
 */
export async function writeFiles(
  root: string,
  files: ReadonlyMap<string, Buffer>,
): Promise<readonly Written[]> {
  const written: Written[] = []
  for (const [file, bytes] of files) {
    const place = path.join(root, file)
    const old = readFileIfExists(root, file)
    if (old?.equals(bytes)) continue
    try {
      await mkdir(path.dirname(place), { recursive: true })
      await writeFileAtomic(place, bytes)
    } catch (error) {
      throw writeError(file, error)
    }
    written.push({ file, how: old ? 'changed' : 'new' })
  }
  return written
}

/**
 * Throws `ExpError` if a folder, or the nearest existing folder above it, cannot be written.
 * @param folder relative to the root
 */
export function assertWritableFolder(root: string, folder: string): void {
  const place = path.join(root, folder)
  if (!existsSync(place)) {
    if (folder !== '.') assertWritableFolder(root, path.dirname(folder))
    return
  }
  try {
    accessSync(place, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw writeError(folder, error)
  }
}

/**
 * The bytes of a file, or undefined if it does not exist.
 * @param file relative to the root, with forward slashes
 */
export function readFileIfExists(root: string, file: string): Buffer | undefined {
  try {
    return readFileSync(path.join(root, file))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Writes a new file. Throws `ExpError` if it already exists.
 * @param file relative to the root
 */
export async function writeNewFile(root: string, file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true })
  try {
    await writeFile(path.join(root, file), text, { flag: 'wx' })
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
