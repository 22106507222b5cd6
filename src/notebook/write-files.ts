/** Writes files of the project. */
import { accessSync, constants, existsSync, lstatSync, readFileSync, statSync } from 'node:fs'
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
  if (!existsSync(place) && !isLink(place)) {
    if (folder !== '.') assertWritableFolder(root, path.dirname(folder))
    return
  }
  if (!existsSync(place) || !statSync(place).isDirectory())
    throw new ExpError(
      'environment',
      `cannot write \`${folder}\`: it is not a folder, or a link to nothing`,
      'Remove or rename it; nothing was measured.',
    )
  try {
    accessSync(place, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw writeError(folder, error)
  }
}

function isLink(place: string): boolean {
  try {
    return lstatSync(place).isSymbolicLink()
  } catch {
    // nothing is there, or a folder above it is a file
    return false
  }
}

/**
 * The bytes of a file, or undefined if it does not exist. Throws `ExpError` for a folder.
 * @param file relative to the root, with forward slashes
 */
export function readFileIfExists(root: string, file: string): Buffer | undefined {
  try {
    return readFileSync(path.join(root, file))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return undefined
    // this error of the system names no path
    if (code !== 'EISDIR') throw error
    throw new ExpError(
      'environment',
      `\`${file}\` is a folder, where a file belongs`,
      'Remove or rename it.',
    )
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
