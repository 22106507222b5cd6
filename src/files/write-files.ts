/** Writes files of a project atomically: never through a link, and never outside the project. */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { limits } from '../errors/limits.ts'
import { codeOf, firstLink, isInside, namesIn, readFileIfExists, reasons } from './read-files.ts'

/**
 * Throws `ExpError` if the path leads through a link, or out of the project.
 * @param file absolute, or relative to the root
 */
export function assertNoLink(root: string, file: string): void {
  const absolute = path.resolve(root, file)
  const link = firstLink(root, absolute)
  if (link === undefined && isInside(root, absolute)) return
  throw new ExpError(
    'environment',
    link === undefined
      ? `cannot write \`${file}\`: it lies outside the project`
      : `cannot write \`${path.relative(root, absolute)}\`: \`${path.relative(root, link)}\` is a link, and nothing is written through links`,
    'Put a file or a folder of the project in its place.',
  )
}

export interface WrittenFile {
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
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = []
  for (const file of files.keys()) assertNoLink(root, file)
  await removePartialFilesOf(root, [...files.keys()])
  for (const [file, bytes] of files) {
    assertNoLink(root, file)
    const exists = existsSync(path.join(root, file))
    if (exists && isSame(root, file, bytes)) continue
    assertWritableFolder(root, path.dirname(file))
    await writeAtomically(path.join(root, file), bytes).catch((error: unknown) => {
      throw writeError(file, error)
    })
    written.push({ file, how: exists ? 'changed' : 'new' })
  }
  return written
}

/** True if the file has these bytes. Throws `ExpError` if it is no regular file. */
function isSame(root: string, file: string, bytes: Buffer): boolean {
  const status = statSync(path.join(root, file))
  // A file of another size differs, and may be larger than `readFileIfExists` accepts.
  if (status.isFile() && status.size !== bytes.length) return false
  return readFileIfExists(root, file, limits.result)?.equals(bytes) === true
}

/**
 * Writes a file under a temporary name, then renames it. No reader sees an incomplete file, and no killed process
 * leaves one under the final name.
 * @param isNew true to throw the system's EEXIST error and change nothing if the file exists
 */
async function writeAtomically(absolute: string, bytes: Buffer, isNew = false): Promise<void> {
  await mkdir(path.dirname(absolute), { recursive: true })
  const temporary = temporaryName(absolute)
  try {
    // A stranger's branch can hold links under such names: nothing is written through one.
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx', existsSync(absolute) ? statSync(absolute).mode : 0o666)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    if (isNew) await linkAsNew(temporary, absolute)
    else await rename(temporary, absolute)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/** The errors of file systems that have no hard links. */
const noHardLinkCodes: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
])

/** Unlike a rename, a hard link replaces nothing. Some file systems have none. */
async function linkAsNew(temporary: string, absolute: string): Promise<void> {
  try {
    await link(temporary, absolute)
    await rm(temporary)
  } catch (error) {
    if (!noHardLinkCodes.has(codeOf(error)) || existsSync(absolute)) throw error
    await rename(temporary, absolute)
  }
}

/** The name under which a file is written until it is complete. It contains the pid of the writing process. */
export function temporaryName(absolute: string): string {
  return `${absolute}.${process.pid}.partial`
}

const partialEnding = /\.(\d+)\.partial$/

/** The partial files that killed commands left in a folder, relative to the root. */
export function leftovers(root: string, folder: string): readonly string[] {
  return namesIn(root, folder)
    .filter((name) => {
      const [, pid] = partialEnding.exec(name) ?? []
      return pid !== undefined && !isRunning(Number(pid))
    })
    .map((name) => `${folder}/${name}`)
}

/** Removes the partial files that killed commands left in a folder. Call it before this process writes. */
export async function removeLeftovers(root: string, folder: string): Promise<void> {
  for (const file of leftovers(root, folder)) {
    assertNoLink(root, folder)
    await rm(path.join(root, file), { force: true })
  }
}

/** Removes the partial files that killed commands left of these files. */
async function removePartialFilesOf(root: string, files: readonly string[]): Promise<void> {
  const places = new Set(files.map((file) => path.posix.normalize(file)))
  for (const folder of new Set([...places].map((file) => path.posix.dirname(file))))
    for (const name of leftovers(root, folder)) {
      const file = path.posix.normalize(name)
      if (places.has(file.replace(partialEnding, '')))
        await rm(path.join(root, file), { force: true })
    }
}

/**
 * Removes files that are no longer part of the project, if they exist.
 * @param names relative to the folder
 */
export async function removeFiles(
  root: string,
  folder: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const file = `${folder}/${name}`
    assertNoLink(root, file)
    await rm(path.join(root, file), { force: true })
  }
}

/** True if the pid is that of another process that still runs. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/**
 * Throws `ExpError` if a folder or, if it does not exist, the nearest existing folder above it is not writable. The
 * error of `mkdir` would not be enough: on a read-only file system, it only says that the folder does not exist.
 * @param folder relative to the root
 */
export function assertWritableFolder(root: string, folder: string): void {
  assertNoLink(root, folder)
  const absolute = path.join(root, folder)
  if (!existsSync(absolute)) {
    if (folder !== '.') assertWritableFolder(root, path.dirname(folder))
    return
  }
  if (!statSync(absolute).isDirectory())
    throw new ExpError(
      'environment',
      `cannot write \`${folder}\`: it is not a folder`,
      'Remove or rename it.',
    )
  try {
    accessSync(absolute, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw writeError(folder, error)
  }
}

/**
 * Writes a new file atomically. Throws `ExpError` if it already exists.
 * @param file relative to the root
 */
export async function writeNewFile(
  root: string,
  file: string,
  content: string | Buffer,
): Promise<void> {
  assertNoLink(root, file)
  assertWritableFolder(root, path.dirname(file))
  assertNewFile(root, file)
  await removePartialFilesOf(root, [file])
  try {
    await writeAtomically(path.join(root, file), Buffer.from(content), true)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw alreadyExists(file)
    throw writeError(file, error)
  }
}

/** Throws the `ExpError` that `writeNewFile` would throw if the file already exists. */
export function assertNewFile(root: string, file: string): void {
  if (existsSync(path.join(root, file))) throw alreadyExists(file)
}

function alreadyExists(file: string): ExpError {
  return new ExpError(
    'invalid-input',
    `\`${file}\` already exists`,
    'Remove or rename it; nothing was changed.',
  )
}

/** The error for a file that could not be written. */
export function writeError(file: string, error: unknown): ExpError {
  const why =
    reasons[codeOf(error) ?? ''] ?? (error instanceof Error ? error.message : String(error))
  return new ExpError(
    'environment',
    `cannot write \`${file}\`: ${why}`,
    'Fix this and run the command again. Results stored so far are kept; the trial that was running counts as interrupted.',
  )
}
