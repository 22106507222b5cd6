/**
 * Writes and reads archives in the format `ustar`, which every `tar` reads. exp has its own code for it, because it
 * needs only regular files. It refuses everything else that an archive may hold: links, devices, folders, extended
 * headers.
 */
import { ExpError } from '../errors/exp-error.ts'

const blockSize = 512
const [maxName, maxPrefix] = [100, 155]
/** The maximum number of zeros at the end of an archive: `tar` writes archives in units of 20 blocks. */
const maxEnd = 20 * blockSize

/**
 * The archive of these files. The same files give the same bytes, because neither the time nor the owner of a file is
 * stored. Throws `ExpError` if a path is too long.
 */
export function tarBytes(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts = [...files].flatMap(([name, bytes]) => [
    headerOf(name, bytes.length),
    bytes,
    Buffer.alloc(padding(bytes.length)),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * blockSize)])
}

/**
 * The files of an archive by path. Throws `ExpError` unless it holds only regular files with unique paths.
 * @param maxFiles an archive with more files is refused
 */
export function tarFiles(archive: Buffer, maxFiles: number): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (let at = 0; ;) {
    const header = archive.subarray(at, at + blockSize)
    if (header.length < blockSize) throw damaged('it ends in the middle of a file')
    if (header.every((byte) => byte === 0)) {
      const rest = archive.subarray(at)
      if (rest.length > maxEnd || rest.some((byte) => byte !== 0))
        throw damaged('something follows its end')
      return files
    }
    const { name, size } = parseHeader(header)
    at += blockSize
    const end = at + size
    if (end + padding(size) > archive.length) throw damaged('it ends in the middle of a file')
    if (files.size >= maxFiles) throw damaged(`it holds more than ${maxFiles} files`)
    if (files.has(name)) throw damaged(`it holds \`${name}\` twice`)
    files.set(name, archive.subarray(at, end))
    at = end + padding(size)
  }
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize
}

function headerOf(name: string, size: number): Buffer {
  const [prefix, last] = splitName(name)
  const header = Buffer.alloc(blockSize)
  header.write(last, 0)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('0', 156)
  header.write('ustar\0', 257)
  header.write('00', 263)
  header.write(prefix, 345)
  header.write(checksumText(header), 148)
  return header
}

/** The header has two fields for a path, which meet at a slash. */
function splitName(name: string): readonly [prefix: string, last: string] {
  if (Buffer.byteLength(name) <= maxName) return ['', name]
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const [prefix, last] = [name.slice(0, at), name.slice(at + 1)]
    if (Buffer.byteLength(last) <= maxName && Buffer.byteLength(prefix) <= maxPrefix)
      return [prefix, last]
  }
  throw new ExpError(
    'invalid-input',
    `the path \`${name}\` is too long for an archive`,
    'shorten the name of the file or of its folder',
  )
}

/** The sum of the header's bytes, with the checksum itself as spaces. */
function checksumText(header: Buffer): string {
  const sum = header.reduce(
    (total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte),
    0,
  )
  return `${sum.toString(8).padStart(6, '0')}\0 `
}

function parseHeader(header: Buffer): { readonly name: string; readonly size: number } {
  const text = (start: number, length: number) => {
    const field = header.subarray(start, start + length)
    const end = field.indexOf(0)
    return field.subarray(0, end < 0 ? length : end).toString('utf8')
  }
  if (header.toString('latin1', 257, 265) !== 'ustar\u{0}00' || text(148, 6) !== checksumOf(header))
    throw damaged('it is not an archive of the format `ustar`')
  const [prefix, last, type] = [text(345, maxPrefix), text(0, maxName), text(156, 1)]
  const name = prefix === '' ? last : `${prefix}/${last}`
  const size = text(124, 12)
  if (type !== '0' || text(157, 100) !== '')
    throw damaged(`\`${name}\` in it is not a regular file`)
  if (!/^[0-7]{11}$/.test(size)) throw damaged(`the size of \`${name}\` in it is not a number`)
  return { name, size: Number.parseInt(size, 8) }
}

function checksumOf(header: Buffer): string {
  return checksumText(header).slice(0, 6)
}

function damaged(problem: string): ExpError {
  return new ExpError(
    'invalid-input',
    `the pack cannot be read: ${problem}`,
    'Nothing was written. Ask for the file again: `exp pack ID` writes it.',
  )
}
