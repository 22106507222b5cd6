/** Reads the pictures that samples name, so that requests can send them. */
import { createHash } from 'node:crypto'
import { beyond, limits } from '../../errors/limits.ts'
import { quoted } from '../../errors/quote.ts'
import type { DatasetDraft } from '../draft.ts'
import type { SampleImage } from '../dataset.ts'
import type { Problem, ProblemDetails } from '../problem.ts'
import { placedSamples } from '../resolve/resolve-samples.ts'
import { absolutePath } from './log-excerpt.ts'

/**
 * Reads a picture of the project; undefined if it does not exist.
 * @param from the file that names it, to which its path is relative
 */
export type ReadImage = (
  path: string,
  from: string,
) => { readonly bytes: Uint8Array } | { readonly failure: string } | undefined

export interface ReadImages {
  /** By path, as the samples write it. Only pictures that can be sent. */
  readonly images: ReadonlyMap<string, SampleImage>
  readonly problems: readonly Problem[]
}

/** Reads each picture once. One that cannot be sent is a problem at the first sample that names it. */
export function readImages(draft: DatasetDraft, readImage: ReadImage | undefined): ReadImages {
  const images = new Map<string, SampleImage>()
  const seen = new Set<string>()
  const problems: Problem[] = []
  let total = 0
  for (const { path: samplePath, images: paths } of placedSamples(draft.samples)) {
    if (total > limits.images.max) break
    for (const [at, path] of (paths ?? []).entries()) {
      if (seen.has(path)) continue
      seen.add(path)
      const refuse = (details: Omit<ProblemDetails, 'code'>) =>
        problems.push(
          draft.source.problem([...draft.path, ...samplePath, 'images', at], {
            code: 'image',
            ...details,
          }),
        )
      const read = readPicture(path, draft, readImage)
      if ('message' in read) {
        refuse(read)
        continue
      }
      total += read.bytes.length
      if (total > limits.images.max) {
        const { remedy } = limits.images
        refuse({ message: `the pictures have ${beyond(limits.images, total)}`, hint: remedy })
        break
      }
      images.set(path, imageOf(path, read.bytes))
    }
  }
  return { images, problems }
}

type Refusal = Required<Pick<ProblemDetails, 'message' | 'hint'>>

function readPicture(
  path: string,
  { source, privateName }: DatasetDraft,
  readImage: ReadImage | undefined,
): { readonly bytes: Uint8Array } | Refusal {
  const hint =
    'write the path of a PNG, JPEG or WebP picture in this project, relative to this file'
  if (privateName !== undefined)
    return { message: 'a private dataset cannot have images', hint: 'remove `images`' }
  if (absolutePath.test(path)) return { message: `${quoted(path)} is an absolute path`, hint }
  const found = readImage?.(path, source.file)
  if (found === undefined) return { message: `the file ${quoted(path)} does not exist`, hint }
  if ('failure' in found)
    return { message: `${quoted(path)} cannot be read: ${found.failure}`, hint }
  const { bytes } = found
  if (bytes.length > limits.image.max)
    return {
      message: `${quoted(path)} has ${beyond(limits.image, bytes.length)}`,
      hint: limits.image.remedy,
    }
  return isPicture(bytes)
    ? { bytes }
    : { message: `${quoted(path)} is not a PNG, JPEG or WebP picture`, hint }
}

function imageOf(path: string, bytes: Uint8Array): SampleImage {
  return {
    path,
    digest: createHash('sha256').update(bytes).digest('hex'),
    base64: Buffer.from(bytes).toString('base64'),
  }
}

/** True if the first bytes are those of a format that Ollama reads. */
function isPicture(bytes: Uint8Array): boolean {
  const text = (from: number, to: number) =>
    Buffer.from(bytes.subarray(from, to)).toString('latin1')
  return (
    text(0, 8) === '\x89PNG\r\n\x1a\n' ||
    text(0, 3) === '\xff\xd8\xff' ||
    (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP')
  )
}
