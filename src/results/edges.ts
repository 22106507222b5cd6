/** The lines of a trial's file as bytes, and its first and last line without what stands between them. */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { checkRecord, resultFileError } from './codec.ts'
import { compressedSuffix, lastMember } from './compress.ts'
import { parseJson } from '../json/parse-json.ts'
import type { TrialEnd, TrialHeader } from './record.ts'

const chunkBytes = 1 << 18
/** More than a header has by far, in most trials. */
const headBytes = 1 << 14
/** More than an end has, in most trials and in any. */
const endBytes = 1 << 12
const tailBytes = 1 << 16

/**
 * The file's bytes, unpacked where they are compressed.
 * @param stored is given them as they are on the disk
 * @param size of the largest chunk
 */
export async function* plainChunks(
  path: string,
  stored?: (chunk: Buffer) => void,
  size = chunkBytes,
): AsyncGenerator<Buffer> {
  if (!path.endsWith(compressedSuffix)) {
    for (const chunk of storedChunks(path, size)) {
      stored?.(chunk)
      yield chunk
    }
    return
  }
  const source = createReadStream(path, { highWaterMark: size })
  if (stored !== undefined)
    source.on('data', (chunk) => {
      if (typeof chunk !== 'string') stored(chunk)
    })
  const unpacked: AsyncIterable<Buffer> = pipeline(
    source,
    createGunzip({ chunkSize: size }),
    () => undefined, // the loop over the chunks throws the same error
  )
  try {
    yield* unpacked
  } catch (error) {
    throw resultFileError(path, `it cannot be unpacked: ${String(error)}`)
  }
}

/** Reads without leaving the thread: most trials are small, and waiting for another thread takes longer than the disk. */
function* storedChunks(path: string, size: number): Generator<Buffer> {
  const file = openSync(path, 'r')
  try {
    // One byte more than is left tells the end of the file without another read.
    for (let left = fstatSync(file).size + 1; ; left -= size) {
      const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(left, size)))
      const length = readSync(file, chunk)
      if (length > 0) yield chunk.subarray(0, length)
      if (length < chunk.length) return
    }
  } finally {
    closeSync(file)
  }
}

/** The trial's first record; `undefined` where the run was cut off before it was whole. */
export async function readHeader(path: string): Promise<TrialHeader | undefined> {
  const parts: Buffer[] = []
  for await (const chunk of plainChunks(path, undefined, headBytes)) {
    const feed = chunk.indexOf('\n')
    parts.push(feed < 0 ? chunk : chunk.subarray(0, feed))
    if (feed < 0) continue
    const { record, fault, hint } = checkRecord(parseJson(Buffer.concat(parts).toString('utf8')))
    if (record?.type === 'trial') return record
    throw resultFileError(`${path}:1`, fault ?? 'the first line is not a trial', hint)
  }
  return undefined
}

/** The trial's last record, if that is its end. */
export async function readEnd(path: string): Promise<TrialEnd | undefined> {
  const line = path.endsWith(compressedSuffix)
    ? (lastMember(tail(path, tailBytes)) ?? (await lastLine(plainChunks(path))))
    : await lastLine([wholeLine(tail(path, endBytes)) ?? tail(path, tailBytes)])
  const { record } = checkRecord(parseJson(line))
  return record?.type === 'end' ? record : undefined
}

/** The bytes, where a line ends in them before the last one. */
function wholeLine(bytes: Buffer): Buffer | undefined {
  return bytes.lastIndexOf('\n', -2) >= 0 ? bytes : undefined
}

function tail(path: string, most: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const bytes = Buffer.allocUnsafe(Math.min(size, most))
    return bytes.subarray(0, readSync(file, bytes, { position: size - bytes.length }))
  } finally {
    closeSync(file)
  }
}

/** What stands between the last line feed but one and the last, or after the last if anything does. */
async function lastLine(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    const feed = rest.lastIndexOf('\n', -2)
    if (feed >= 0) rest = rest.subarray(feed + 1)
  }
  return rest.toString('utf8')
}
