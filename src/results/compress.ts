/**
 * Large trials are kept as gzip in two members: all lines but the last, and the last line. Any gunzip reads
 * them as one file, and how a trial ended can be read without unpacking the rest.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip, gunzipSync } from 'node:zlib'

export const compressedSuffix = '.gz'

/**
 * Replaces `path` by `path.gz`; at every moment one of them is whole. Returns the path that now holds the
 * trial: the plain one where there was no room to compress.
 * @param lastLineAt byte at which the last line begins, above 0
 */
export async function compressTrial(path: string, lastLineAt: number): Promise<string> {
  const compressed = path + compressedSuffix
  const partial = `${compressed}.partial`
  try {
    await gzip(path, partial, 'w', { end: lastLineAt - 1 })
    await gzip(path, partial, 'a', { start: lastLineAt })
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

async function gzip(from: string, to: string, flags: string, part: object): Promise<void> {
  await pipeline(createReadStream(from, part), createGzip(), createWriteStream(to, { flags }))
}

/** The last line of a compressed trial, from the last bytes of its file; `undefined` where they do not hold it alone. */
export function lastMember(tail: Buffer): string | undefined {
  const signature = Buffer.from([0x1f, 0x8b, 0x08])
  for (
    let at = tail.lastIndexOf(signature);
    at >= 0;
    at = at > 0 ? tail.lastIndexOf(signature, at - 1) : -1
  ) {
    try {
      const text = gunzipSync(tail.subarray(at)).toString('utf8')
      return text.indexOf('\n') === text.length - 1 ? text : undefined
    } catch {
      // three bytes that only looked like the start of a member
    }
  }
  return undefined
}
