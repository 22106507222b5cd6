/** The lines of a trial's file as bytes, and its first and last line without what stands between them. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { checkRecord, parseJson, resultFault } from './codec.ts'
import { compressedSuffix, lastMember } from './compress.ts'
import type { TrialEnd, TrialHeader } from './record.ts'

const chunkBytes = 1 << 18
const tailBytes = 1 << 16

/**
 * The file's bytes, unpacked where they are compressed.
 * @param stored is given them as they are on the disk
 */
export async function* plainChunks(
  path: string,
  stored?: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: chunkBytes })
  if (stored !== undefined)
    source.on('data', (chunk) => {
      if (typeof chunk !== 'string') stored(chunk)
    })
  if (!path.endsWith(compressedSuffix)) {
    const chunks: AsyncIterable<Buffer> = source
    yield* chunks
    return
  }
  const unpacked: AsyncIterable<Buffer> = pipeline(
    source,
    createGunzip({ chunkSize: chunkBytes }),
    () => undefined, // the loop over the chunks throws the same error
  )
  try {
    yield* unpacked
  } catch (error) {
    throw resultFault(path, `it cannot be unpacked: ${String(error)}`)
  }
}

/** The trial's first record; `undefined` where the run was cut off before it was whole. */
export async function readHeader(path: string): Promise<TrialHeader | undefined> {
  const parts: Buffer[] = []
  for await (const chunk of plainChunks(path)) {
    const feed = chunk.indexOf('\n')
    parts.push(feed < 0 ? chunk : chunk.subarray(0, feed))
    if (feed < 0) continue
    const { record, fault, hint } = checkRecord(parseJson(Buffer.concat(parts).toString('utf8')))
    if (record?.type === 'trial') return record
    throw resultFault(`${path}:1`, fault ?? 'the first line is not a trial', hint)
  }
  return undefined
}

/** The trial's last record, if that is its end. */
export async function readEnd(path: string): Promise<TrialEnd | undefined> {
  const line = path.endsWith(compressedSuffix)
    ? (lastMember(await tail(path)) ?? (await lastLine(plainChunks(path))))
    : await lastLine([await tail(path)])
  const { record } = checkRecord(parseJson(line))
  return record?.type === 'end' ? record : undefined
}

async function tail(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const length = Math.min(size, tailBytes)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer
  } finally {
    await file.close()
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
