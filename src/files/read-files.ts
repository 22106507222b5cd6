/**
 * Reads files of a project, which may come from a stranger's branch: only regular files of bounded size whose real path
 * lies inside the project's real root. Files of the package, and paths from the command line, are not files of the
 * project.
 */
import { isUtf8 } from 'node:buffer'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits, type Limit } from '../errors/limits.ts'

/**
 * Opens a file for reading, or returns the reason (`failure`) why it is not read; `undefined` if it does not exist. The
 * caller closes the descriptor.
 * @param file absolute, or relative to the root
 */
export function openFile(
  root: string,
  file: string,
  limit: Limit = limits.file,
): { readonly descriptor: number } | { readonly failure: string } | undefined {
  try {
    const found = realPathInside(root, file)
    if ('failure' in found) return found
    // Opening a pipe for reading waits for a writer, unless it is opened without blocking.
    const descriptor = openSync(found.real, constants.O_RDONLY | constants.O_NONBLOCK)
    const status = fstatSync(descriptor)
    const refused = status.isDirectory()
      ? 'it is a folder'
      : !status.isFile()
        ? 'it is not a regular file'
        : status.size > limit.max
          ? `it has ${beyond(limit, status.size)}`
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
  limit: Limit = limits.file,
): { readonly bytes: Buffer } | { readonly failure: string } | undefined {
  const opened = openFile(root, file, limit)
  if (opened === undefined || 'failure' in opened) return opened
  try {
    return { bytes: readFileSync(opened.descriptor) }
  } finally {
    closeSync(opened.descriptor)
  }
}

/** The text of a file, or the reason why it is not read; undefined if it does not exist. */
export function readText(
  root: string,
  file: string,
  limit: Limit = limits.file,
): { readonly text: string } | { readonly failure: string } | undefined {
  const found = readFile(root, file, limit)
  return found === undefined || 'failure' in found ? found : textOf(found.bytes)
}

/** The text of the bytes, or the reason why they are not text. */
export function textOf(bytes: Buffer): { readonly text: string } | { readonly failure: string } {
  if (isUtf8(bytes)) return { text: bytes.toString('utf8') }
  const mark = bytes.subarray(0, 2).toString('latin1')
  const isUtf16 = mark === '\u00ff\u00fe' || mark === '\u00fe\u00ff'
  return { failure: `it is ${isUtf16 ? 'UTF-16' : 'not UTF-8 text'}: save it as UTF-8` }
}

/** The bytes of a file, or undefined if it does not exist. Throws `ExpError` if it is not read. */
export function readFileIfExists(
  root: string,
  file: string,
  limit: Limit = limits.file,
): Buffer | undefined {
  const found = readFile(root, file, limit)
  if (found === undefined) return undefined
  if ('failure' in found) throw unreadable(file, found.failure)
  return found.bytes
}

/**
 * The names in a folder, sorted by code unit; empty if there is no such folder. Throws `ExpError` if it lies outside
 * the project, or if its path, or a part of it, names a file or a pipe and not a folder.
 */
export function namesIn(root: string, folder: string): readonly string[] {
  try {
    const found = realPathInside(root, folder)
    if ('failure' in found) throw unreadable(folder, found.failure)
    return readdirSync(found.real).sort()
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return []
    if (code !== 'ENOTDIR') throw error
    throw new ExpError(
      'invalid-input',
      `\`${firstNonFolder(root, folder)}\` cannot be read: it is not a folder`,
      'put a folder of the project in its place, or remove it',
    )
  }
}

/** A folder and the folders below it, without links, relative to the root; empty if it does not exist. */
export function foldersIn(root: string, folder: string): readonly string[] {
  const found: string[] = []
  const waiting = [folder]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const parent = next
    const names = namesIn(root, parent)
    if (names.length > 0) found.push(parent)
    for (const name of names)
      if (lstatSync(path.join(root, parent, name)).isDirectory()) waiting.push(`${parent}/${name}`)
  }
  return found
}

/** The first part of the path that exists and is not a folder; the whole path if each part is a folder or missing. */
function firstNonFolder(root: string, folder: string): string {
  const names = path.relative(root, path.resolve(root, folder)).split(path.sep)
  const parts = names.map((_, at) => names.slice(0, at + 1).join('/'))
  const found = parts.find((part) => {
    const status = statSync(path.join(root, part), { throwIfNoEntry: false })
    return status !== undefined && !status.isDirectory()
  })
  return found ?? folder
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
function realPathInside(
  root: string,
  file: string,
): { readonly real: string } | { readonly failure: string } {
  const absolute = path.resolve(root, file)
  let real: string
  try {
    real = realpathSync.native(absolute)
  } catch (error) {
    const link = firstLink(root, absolute)
    if (link === undefined) throw error
    const target = realPathIfExists(link)
    if (target === undefined)
      return { failure: `\`${path.relative(root, link)}\` is a link to nothing` }
    if (!isInside(realpathSync.native(root), target)) return linkOutside(root, link)
    throw error
  }
  // If there is no link on the way, the paths can be compared as written.
  const isAsWritten = real === absolute && isInside(path.resolve(root), absolute)
  if (isAsWritten || isInside(realpathSync.native(root), real)) return { real }
  const link = firstLink(root, absolute)
  return link === undefined ? { failure: 'it lies outside the project' } : linkOutside(root, link)
}

function linkOutside(root: string, link: string): { readonly failure: string } {
  return { failure: `\`${path.relative(root, link)}\` is a link that leads out of the project` }
}

function realPathIfExists(absolute: string): string | undefined {
  try {
    return realpathSync.native(absolute)
  } catch {
    return undefined
  }
}

/** True if the path is the folder itself or inside it. Compares the paths as written, without following links. */
export function isInside(folder: string, absolute: string): boolean {
  const relative = path.relative(folder, absolute)
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}

/** The first symbolic link on the way from the root to the path. Undefined if no part of the path is a link. */
export function firstLink(root: string, absolute: string): string | undefined {
  const relative = path.relative(root, absolute)
  if (!isInside(root, absolute) || relative === '') return undefined
  const names = relative.split(path.sep)
  return names.map((_, at) => path.join(root, ...names.slice(0, at + 1))).find(isLink)
}

function isLink(absolute: string): boolean {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false })?.isSymbolicLink() === true
  } catch {
    return false // a folder above it is a file
  }
}

/** Why the operating system refused, by its error code. */
export const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file has reached the size limit',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ENOTDIR: 'a path component is not a directory',
  EIO: 'the disk reported an error',
}

/** The code of an error of the operating system: `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
