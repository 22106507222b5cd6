/**
 * The main file of the room that opens files of a project, which may come from a stranger's branch. Input: the project's
 * root, and paths relative to it. Only regular files of limited size are read, and only if their real path lies inside the
 * project's real root. Nothing is written through a link. Files of the package, and paths on the command line, do not
 * count as files of the project.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { appendFile, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'

/** Experiments, datasets, reports, locks and templates that are larger than this are not read. */
export const maxTextBytes = 8_000_000

/**
 * Opens a file for reading, or gives the reason (`failure`) why it is not read. `undefined` if it does not exist. The caller
 * closes the descriptor.
 * @param file absolute, or relative to the root
 */
export function openFile(
  root: string,
  file: string,
  maxBytes = maxTextBytes,
): { readonly descriptor: number } | { readonly failure: string } | undefined {
  try {
    const place = realPlace(root, file)
    if ('failure' in place) return place
    // Opening a pipe for reading waits for a writer, unless it is opened without blocking.
    const descriptor = openSync(place.real, constants.O_RDONLY | constants.O_NONBLOCK)
    const status = fstatSync(descriptor)
    const refused = status.isDirectory()
      ? 'it is a folder'
      : !status.isFile()
        ? 'it is not a regular file'
        : status.size > maxBytes
          ? `it has ${status.size} bytes; the maximum is ${maxBytes}`
          : undefined
    if (refused === undefined) return { descriptor }
    closeSync(descriptor)
    return { failure: refused }
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    return { failure: reasons[code] ?? code }
  }
}

/** The bytes of a file, or the reason why it is not read; undefined if it does not exist. */
export function readFile(
  root: string,
  file: string,
  maxBytes = maxTextBytes,
): { readonly bytes: Buffer } | { readonly failure: string } | undefined {
  const opened = openFile(root, file, maxBytes)
  if (opened === undefined || 'failure' in opened) return opened
  try {
    return { bytes: readFileSync(opened.descriptor) }
  } finally {
    closeSync(opened.descriptor)
  }
}

/** The bytes of a file, or undefined if it does not exist. Throws `ExpError` if it is not read. */
export function readFileIfExists(
  root: string,
  file: string,
  maxBytes = maxTextBytes,
): Buffer | undefined {
  const found = readFile(root, file, maxBytes)
  if (found === undefined) return undefined
  if ('failure' in found) throw unreadable(file, found.failure)
  return found.bytes
}

/** The names in a folder, sorted by code unit; empty if there is no such folder. Throws `ExpError` if it lies outside the project. */
export function namesIn(root: string, folder: string): readonly string[] {
  try {
    const place = realPlace(root, folder)
    if ('failure' in place) throw unreadable(folder, place.failure)
    return readdirSync(place.real).sort()
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

/** The error for a file of the project that is not read. */
export function unreadable(file: string, failure: string): ExpError {
  return new ExpError(
    'invalid-input',
    `\`${file}\` cannot be read: ${failure}`,
    'put a regular file of the project in its place, or remove it',
  )
}

/** The real path of a file, if it lies inside the project. Throws the system's error if there is no file. */
function realPlace(
  root: string,
  file: string,
): { readonly real: string } | { readonly failure: string } {
  const place = path.resolve(root, file)
  const link = firstLink(root, place)
  const shown = link === undefined ? undefined : path.relative(root, link)
  let real: string
  try {
    real = realpathSync(place)
  } catch (error) {
    if (link === undefined) throw error
    return { failure: `\`${shown}\` is a link to nothing` }
  }
  if (isInside(realpathSync(root), real)) return { real }
  return {
    failure:
      shown === undefined
        ? 'it lies outside the project'
        : `\`${shown}\` is a link that leads out of the project`,
  }
}

/** True if the place is the folder or lies in it; compares the paths as they are written. */
export function isInside(folder: string, place: string): boolean {
  const relative = path.relative(folder, place)
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}

/** The first link on the way from the root to the place; undefined if there is none. */
function firstLink(root: string, place: string): string | undefined {
  const relative = path.relative(root, place)
  if (!isInside(root, place) || relative === '') return undefined
  const names = relative.split(path.sep)
  return names.map((_, at) => path.join(root, ...names.slice(0, at + 1))).find(isLink)
}

function isLink(place: string): boolean {
  try {
    return lstatSync(place).isSymbolicLink()
  } catch {
    return false // nothing is there, or a folder above it is a file
  }
}

/**
 * Throws `ExpError` if writing the file would go through a link, or out of the project.
 * @param file absolute, or relative to the root
 */
export function assertNoLink(root: string, file: string): void {
  const place = path.resolve(root, file)
  const link = firstLink(root, place)
  if (link === undefined && isInside(root, place)) return
  throw new ExpError(
    'environment',
    link === undefined
      ? `cannot write \`${file}\`: it lies outside the project`
      : `cannot write \`${path.relative(root, place)}\`: \`${path.relative(root, link)}\` is a link, and nothing is written through links`,
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
  for (const [file, bytes] of files) {
    assertNoLink(root, file)
    const old = readFileIfExists(root, file)
    if (old?.equals(bytes)) continue
    await writeWhole(path.join(root, file), bytes).catch((error: unknown) => {
      throw writeError(file, error)
    })
    written.push({ file, how: old ? 'changed' : 'new' })
  }
  return written
}

/** Writes a file under a temporary name, and then renames it, so that no reader sees an incomplete file. */
async function writeWhole(place: string, bytes: Buffer): Promise<void> {
  await mkdir(path.dirname(place), { recursive: true })
  const temporary = temporaryName(place)
  try {
    const file = await open(temporary, 'w', existsSync(place) ? statSync(place).mode : 0o666)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, place)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/** The name under which a file is written until it is complete. It contains the pid of the writing process. */
export function temporaryName(place: string): string {
  return `${place}.${process.pid}.partial`
}

/** Files that a command left behind when it was killed while writing, relative to the root. */
export function leftovers(root: string, folder: string): readonly string[] {
  return namesIn(root, folder)
    .filter((name) => {
      const [, pid] = /\.(\d+)\.partial$/.exec(name) ?? []
      return pid !== undefined && !isRunning(Number(pid))
    })
    .map((name) => `${folder}/${name}`)
}

/** Removes what a killed command left behind. Call it before this process writes. */
export async function removeLeftovers(root: string, folder: string): Promise<void> {
  for (const file of leftovers(root, folder)) {
    assertNoLink(root, folder)
    await rm(path.join(root, file), { force: true })
  }
}

/** True for another process that runs. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** Appends to a file. Throws `ExpError` if that fails. */
export async function appendToFile(root: string, file: string, text: string): Promise<void> {
  const place = path.resolve(root, file)
  assertNoLink(root, place)
  try {
    await mkdir(path.dirname(place), { recursive: true })
    await appendFile(place, text, { flush: true })
  } catch (error) {
    throw writeError(path.relative(root, place), error)
  }
}

/**
 * Throws `ExpError` if a folder, or the nearest existing folder above it, cannot be written.
 * @param folder relative to the root
 */
export function assertWritableFolder(root: string, folder: string): void {
  assertNoLink(root, folder)
  const place = path.join(root, folder)
  if (!existsSync(place)) {
    if (folder !== '.') assertWritableFolder(root, path.dirname(folder))
    return
  }
  if (!statSync(place).isDirectory())
    throw new ExpError(
      'environment',
      `cannot write \`${folder}\`: it is not a folder`,
      'Remove or rename it; nothing was measured.',
    )
  try {
    accessSync(place, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw writeError(folder, error)
  }
}

/**
 * Writes a new file. Throws `ExpError` if it already exists.
 * @param file relative to the root
 */
export async function writeNewFile(root: string, file: string, text: string): Promise<void> {
  assertNoLink(root, file)
  try {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true })
    await writeFile(path.join(root, file), text, { flag: 'wx' })
  } catch (error) {
    if (codeOf(error) === 'EEXIST')
      throw new ExpError(
        'invalid-input',
        `\`${file}\` already exists`,
        'Remove or rename it; nothing was changed.',
      )
    throw writeError(file, error)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file has reached the size limit',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ENOTDIR: 'a path component is not a directory',
  EIO: 'the disk reported an error',
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

/** The code of an error of the operating system: `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
