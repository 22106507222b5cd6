/**
 * Keep blocks: the parts of a report that belong to people. A line `<!-- exp:keep NAME -->` opens a block, a line
 * `<!-- exp:end NAME -->` closes it. The bytes between them are never parsed, composed or changed.
 */
import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits } from '../errors/limits.ts'
import { findMarkupProblem } from '../markdown/markup-problem.ts'

export interface KeepBlock {
  readonly name: string
  /** The marker lines, including their line ends. */
  readonly opening: Buffer
  readonly closing: Buffer
  /** The bytes between the marker lines, including the last line end. */
  readonly body: Buffer
}

/** A part of a file: generated text, or a keep block. */
export type Part =
  { readonly kind: 'text'; readonly bytes: Buffer } | ({ readonly kind: 'block' } & KeepBlock)

const marker = /^<!-- exp:(keep|end) ((?!__proto__ )[\p{L}\p{N}_-]+) -->\r?\n?$/u
const markerStart = Buffer.from('<!-- exp:')
const lineFeed = 0x0a

/** The bytes of a file are read-only, so its parts stay valid; finding open markup in long blocks is slow. */
const splitBefore = new WeakMap<Buffer, readonly Part[]>()

/**
 * Splits a file into text and keep blocks, in order. Joined, the parts are the same bytes again. Throws `ExpError` with
 * `file:line` if markers are unbalanced or repeated, or if a body does not close a fence or a comment.
 * @param file the name of the file, for error messages
 */
export function splitBlocks(bytes: Buffer, file: string): readonly Part[] {
  const parts = splitBefore.get(bytes) ?? split(bytes, file)
  splitBefore.set(bytes, parts)
  return parts
}

function split(bytes: Buffer, file: string): readonly Part[] {
  const parts: Part[] = []
  /** The offset of each block's opening marker, by the name of the block. */
  const opened = new Map<string, number>()
  let open: { name: string; opening: Buffer } | undefined
  let from = 0
  const textUpTo = (end: number): void => {
    if (end > from) parts.push({ kind: 'text', bytes: bytes.subarray(from, end) })
  }
  const lineOf = (at = 0): number => bytes.toString('latin1', 0, at).split('\n').length
  const lineOfBlock = (name: string): number => lineOf(opened.get(name))
  for (const { start, end } of linesWithMarker(bytes)) {
    const [, kind, name] = marker.exec(bytes.toString('utf8', start, end)) ?? []
    if (kind === undefined || name === undefined) continue
    const refuse = (message: string): ExpError => refusal(file, lineOf(start), message)
    if (kind === 'keep') {
      if (open)
        throw refuse(
          `\`exp:keep ${name}\` opens inside \`${open.name}\`, which line ${lineOfBlock(open.name)} opened`,
        )
      if (opened.has(name))
        throw refuse(`\`exp:keep ${name}\` was already opened in line ${lineOfBlock(name)}`)
      textUpTo(start)
      opened.set(name, start)
      open = { name, opening: bytes.subarray(start, end) }
    } else {
      if (!open) throw refuse(`\`exp:end ${name}\` closes a block that is not open`)
      if (open.name !== name)
        throw refuse(
          `\`exp:end ${name}\` does not match the open block \`${open.name}\` of line ${lineOfBlock(open.name)}`,
        )
      const body = bytes.subarray(from, start)
      const limit = limits.prose
      if (body.length > limit.max)
        throw refusal(
          file,
          lineOfBlock(name),
          `block \`${name}\` holds ${beyond(limit, body.length)}`,
          limit.remedy,
        )
      const problem = findMarkupProblem(body.toString('utf8'))
      if (problem)
        throw refusal(
          file,
          lineOfBlock(name) + problem.line,
          `the ${problem.construct} here ${problem.problem} inside block \`${name}\``,
          problem.remedy,
        )
      parts.push({ kind: 'block', ...open, body, closing: bytes.subarray(start, end) })
      open = undefined
    }
    from = end
  }
  if (open) throw refusal(file, lineOfBlock(open.name), `\`exp:keep ${open.name}\` is never closed`)
  textUpTo(bytes.length)
  return parts
}

export function blocksOf(parts: readonly Part[]): readonly KeepBlock[] {
  return parts.filter((part) => part.kind === 'block')
}

/** The file without the bodies of its blocks. Line ends become `\n`, because git may change them. */
export function withoutBodies(parts: readonly Part[]): Buffer {
  const bytes = joinParts(parts, () => Buffer.alloc(0))
  return bytes.includes('\r\n')
    ? Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    : bytes
}

/** @param bodyOf returns the bytes between the markers of a block; by default its own body */
export function joinParts(
  parts: readonly Part[],
  bodyOf: (block: KeepBlock) => Buffer = (block) => block.body,
): Buffer {
  return Buffer.concat(
    parts.flatMap((part) =>
      part.kind === 'text' ? [part.bytes] : [part.opening, bodyOf(part), part.closing],
    ),
  )
}

/** True if the body holds only spaces and line ends. */
export function isBlank(block: KeepBlock): boolean {
  return block.body.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))
}

const formHint =
  'each block needs one line `<!-- exp:keep NAME -->` and one line `<!-- exp:end NAME -->`, and must close every fence and comment that it opens'

function refusal(file: string, line: number, message: string, hint = formHint): ExpError {
  return new ExpError('edited', `${file}:${line}: ${message}`, hint)
}

/** The offsets of lines that start like a marker. */
function* linesWithMarker(bytes: Buffer): Generator<{ start: number; end: number }> {
  for (let at = bytes.indexOf(markerStart); at >= 0; at = bytes.indexOf(markerStart, at + 1)) {
    if (at > 0 && bytes[at - 1] !== lineFeed) continue
    const newline = bytes.indexOf(lineFeed, at)
    yield { start: at, end: newline === -1 ? bytes.length : newline + 1 }
  }
}
