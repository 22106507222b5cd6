/**
 * The blocks of a report that belong to people. A line `<!-- exp:keep NAME -->` opens one, a line
 * `<!-- exp:end NAME -->` closes it; what stands between is bytes, never parsed, composed or changed.
 */
import { ExpError } from '../errors/exp-error.ts'
import { openEnd } from '../markdown/open-end.ts'

export interface KeepBlock {
  readonly name: string
  /** The marker lines with their line ends. */
  readonly opening: Buffer
  readonly closing: Buffer
  /** What stands between the marker lines, the last line's end included; empty where nothing does. */
  readonly body: Buffer
}

/** What a file is made of, in order. */
export type Part =
  { readonly kind: 'text'; readonly bytes: Buffer } | ({ readonly kind: 'block' } & KeepBlock)

const marker = /^<!-- exp:(keep|end) ([\p{L}\p{N}_-]+) -->\r?\n?$/u
/** In bytes; leaves the report the greater part of what GitHub shows. */
const maxBodyBytes = 200_000
const markerStart = Buffer.from('<!-- exp:')
const lineFeed = 0x0a

/**
 * Takes a file apart; its parts put together again are its bytes. Throws `ExpError` with `file:line`
 * where markers are unbalanced or repeated, or where a body leaves open what would swallow the text after it.
 * @param file its name as shown to people
 */
export function splitBlocks(bytes: Buffer, file: string): readonly Part[] {
  const parts: Part[] = []
  /** By name: where its opening marker begins. */
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
          `\`exp:keep ${name}\` opens inside \`${open.name}\`, open since line ${lineOfBlock(open.name)}`,
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
          `\`exp:end ${name}\` stands where \`${open.name}\`, open since line ${lineOfBlock(open.name)}, must be closed`,
        )
      const body = bytes.subarray(from, start)
      if (body.length > maxBodyBytes)
        throw refusal(
          file,
          lineOfBlock(name),
          `block \`${name}\` holds ${body.length} bytes; ${maxBodyBytes} are the most`,
          'GitHub shows no more than 512,000 bytes of a report: keep long texts in a file of their own, and link to it',
        )
      const left = openEnd(body.toString('utf8'))
      if (left)
        throw refusal(
          file,
          lineOfBlock(name) + left.line,
          `the ${left.what} here ${left.problem} inside block \`${name}\``,
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

/** The file with every block's body taken out, the markers left; line ends made `\n`, which git may change. */
export function withoutBodies(parts: readonly Part[]): Buffer {
  const bytes = joinParts(parts, () => Buffer.alloc(0))
  return bytes.includes('\r\n')
    ? Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    : bytes
}

/** @param bodyOf what to put between the markers of a block; its own body, if not said */
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

/** Nothing in it but spaces and line ends: nobody wrote there. */
export function isBlank(block: KeepBlock): boolean {
  return block.body.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))
}

const formHint =
  'each block needs one line `<!-- exp:keep NAME -->` and one line `<!-- exp:end NAME -->`, and must close what it opens'

function refusal(file: string, line: number, message: string, hint = formHint): ExpError {
  return new ExpError('edited', `${file}:${line}: ${message}`, hint)
}

/** The lines that begin like a marker. */
function* linesWithMarker(bytes: Buffer): Generator<{ start: number; end: number }> {
  for (let at = bytes.indexOf(markerStart); at >= 0; at = bytes.indexOf(markerStart, at + 1)) {
    if (at > 0 && bytes[at - 1] !== lineFeed) continue
    const newline = bytes.indexOf(lineFeed, at)
    yield { start: at, end: newline === -1 ? bytes.length : newline + 1 }
  }
}
