/**
 * Reads the bytes of a trial's file: all of it in chunks, or only its first or last record. Also compresses
 * large files. A compressed file has two gzip members: the first holds all lines except the last, the second holds
 * the last line. Any gunzip reads both as one file, and the end of the trial can be read without decompressing the
 * rest.
 */
import { closeSync, createReadStream, createWriteStream, fstatSync, readSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { relative } from 'node:path'
import { pipeline } from 'node:stream'
import { pipeline as pipelineDone } from 'node:stream/promises'
import { createGunzip, createGzip, gunzipSync } from 'node:zlib'
import { ExpError } from '../errors/exp-error.ts'
import { limits } from '../errors/limits.ts'
import { openFile, unreadable } from '../files/read-files.ts'
import { temporaryName } from '../files/write-files.ts'
import { parseJson } from '../json/json.ts'
import { assertLineLength, checkRecord, resultFileError } from './codec.ts'
import type { TrialEnd, TrialHeader } from './record.ts'

export const compressedSuffix = '.gz'

/** A trial's file. */
export interface ResultFile {
  /** Of the project, or of another folder that holds results; nothing outside it is read. */
  readonly root: string
  /** Absolute. */
  readonly path: string
}

/** Opens the file. Throws `ExpError` if it does not exist or must not be read. */
function openResult({ root, path }: ResultFile): number {
  const opened = openFile(root, path, limits.result) ?? { failure: 'it does not exist' }
  if ('descriptor' in opened) return opened.descriptor
  throw unreadable(relative(root, path), opened.failure)
}

const chunkBytes = 1 << 18
/** Bytes to read at once for a header. Almost every header is shorter. */
const headBytes = 1 << 14
/** Bytes to read first for an end record: almost every end record is shorter. */
const endBytes = 1 << 12
/** Bytes to read if `endBytes` was too small. */
const tailBytes = 1 << 16

/**
 * Yields the file's bytes, decompressed if needed.
 * @param onStored called with each chunk as it is stored on the disk
 * @param size the maximum size of a chunk
 */
export async function* readChunks(
  file: ResultFile,
  onStored?: (chunk: Buffer) => void,
  size = chunkBytes,
): AsyncGenerator<Buffer> {
  if (!file.path.endsWith(compressedSuffix)) {
    for (const chunk of storedChunks(file, size)) {
      onStored?.(chunk)
      yield chunk
    }
    return
  }
  const descriptor = openResult(file)
  const { compressionRatio, alwaysAllowedResult, unpackedResult } = limits
  const maxFromRatio = Math.max(
    alwaysAllowedResult.max,
    compressionRatio.max * fstatSync(descriptor).size,
  )
  const source = createReadStream(file.path, { fd: descriptor, highWaterMark: size })
  if (onStored !== undefined)
    source.on('data', (chunk) => {
      if (typeof chunk !== 'string') onStored(chunk)
    })
  const decompressed: AsyncIterable<Buffer> = pipeline(
    source,
    createGunzip({ chunkSize: size }),
    () => undefined, // errors are handled below: `yield*` throws them again
  )
  let length = 0
  try {
    for await (const chunk of decompressed) {
      length += chunk.length
      if (length > unpackedResult.max)
        throw resultFileError(
          file.path,
          `it unpacks to more than ${unpackedResult.max} bytes`,
          unpackedResult.remedy,
        )
      if (length > maxFromRatio)
        throw resultFileError(
          file.path,
          `it unpacks to more than ${compressionRatio.max} times its size`,
          compressionRatio.remedy,
        )
      yield chunk
    }
  } catch (error) {
    if (error instanceof ExpError) throw error
    throw resultFileError(file.path, `it cannot be decompressed: ${String(error)}`)
  }
}

/** Reads synchronously: most trials are small, and switching to another thread takes longer than reading. */
function* storedChunks(file: ResultFile, size: number): Generator<Buffer> {
  const descriptor = openResult(file)
  try {
    // Reads one byte more than the file has left. If fewer bytes come, this was the end, and no further read is needed.
    for (let left = fstatSync(descriptor).size + 1; ; left -= size) {
      const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(left, size)))
      const length = readSync(descriptor, chunk)
      if (length > 0) yield chunk.subarray(0, length)
      if (length < chunk.length) return
    }
  } finally {
    closeSync(descriptor)
  }
}

/** The trial's header, or undefined if the run was killed before it was completely written. */
export async function readHeader(file: ResultFile): Promise<TrialHeader | undefined> {
  const parts: Buffer[] = []
  for await (const chunk of readChunks(file, undefined, headBytes)) {
    const lineEnd = chunk.indexOf('\n')
    parts.push(lineEnd < 0 ? chunk : chunk.subarray(0, lineEnd))
    assertLineLength(parts, `${file.path}:1`, limits.resultHeader)
    if (lineEnd < 0) continue
    const { record, problem, hint } = checkRecord(parseJson(Buffer.concat(parts).toString('utf8')))
    if (record?.type === 'trial') return record
    throw resultFileError(`${file.path}:1`, problem ?? 'the first line is not a trial', hint)
  }
  return undefined
}

/** The trial's end record, or undefined if the last line is not one. */
export async function readEnd(file: ResultFile): Promise<TrialEnd | undefined> {
  const line = file.path.endsWith(compressedSuffix)
    ? (lastMember(readTail(file, tailBytes)) ?? (await lastLine(readChunks(file), file)))
    : await lastLine(readLastLine(file) ?? readChunks(file), file)
  const { record } = checkRecord(parseJson(line))
  return record?.type === 'end' ? record : undefined
}

/** The end of the file, with its whole last line; undefined if that line is longer than `tailBytes`. */
function readLastLine(file: ResultFile): readonly Buffer[] | undefined {
  for (const length of [endBytes, tailBytes]) {
    const end = readTail(file, length)
    if (end.lastIndexOf('\n', -2) >= 0) return [end]
  }
  return undefined
}

function readTail(file: ResultFile, length: number): Buffer {
  const descriptor = openResult(file)
  try {
    const { size } = fstatSync(descriptor)
    const bytes = Buffer.allocUnsafe(Math.min(size, length))
    return bytes.subarray(0, readSync(descriptor, bytes, { position: size - bytes.length }))
  } finally {
    closeSync(descriptor)
  }
}

/** The last line with its line feed, or the text after the last line feed if the file does not end with one. */
async function lastLine(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  { path }: ResultFile,
): Promise<string> {
  let parts: Buffer[] = []
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    if (parts.at(-1)?.at(-1) === 0x0a) parts = []
    const lineEnd = chunk.lastIndexOf('\n', -2)
    if (lineEnd >= 0) parts = [chunk.subarray(lineEnd + 1)]
    else parts.push(chunk)
    assertLineLength(parts, path)
  }
  return Buffer.concat(parts).toString('utf8')
}

/**
 * Replaces `path` by `path.gz`. One of the two files is complete at any time.
 * @param lastLineOffset the byte offset of the last line, above 0
 * @returns the path that now holds the trial: `path` itself if there was no space to compress it
 */
export async function compressTrial(path: string, lastLineOffset: number): Promise<string> {
  const compressed = path + compressedSuffix
  const partial = temporaryName(compressed)
  try {
    await rm(partial, { force: true })
    await gzip(path, partial, 'wx', { end: lastLineOffset - 1 })
    await gzip(path, partial, 'a', { start: lastLineOffset })
    const file = await open(partial, 'r+')
    await file.sync()
    await file.close()
    await rename(partial, compressed)
  } catch {
    await rm(partial, { force: true })
    return path
  }
  await rm(path, { force: true })
  return compressed
}

async function gzip(from: string, to: string, flags: string, range: object): Promise<void> {
  await pipelineDone(createReadStream(from, range), createGzip(), createWriteStream(to, { flags }))
}

/**
 * How many occurrences of the gzip signature are tried, from the end. The last one almost always starts the last
 * member, but compressed data can contain the same bytes.
 */
const maxMembersTried = 8

/** The last line of a compressed trial, or undefined if the tail does not end with a gzip member of one line. */
function lastMember(tail: Buffer): string | undefined {
  const signature = Buffer.from([0x1f, 0x8b, 0x08])
  let at = tail.length
  for (let tried = 0; tried < maxMembersTried && at > 0; tried += 1) {
    at = tail.lastIndexOf(signature, at - 1)
    if (at < 0) return undefined
    try {
      const member = gunzipSync(tail.subarray(at), { maxOutputLength: limits.resultLine.max })
      const text = member.toString('utf8')
      return text.indexOf('\n') === text.length - 1 ? text : undefined
    } catch {
      // These three bytes were compressed data, not the start of a member.
    }
  }
  return undefined
}
