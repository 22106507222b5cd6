/** Writes GGUF version 3, the file format of llama.cpp: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. */

export type GgufValue =
  | { readonly kind: 'uint32'; readonly value: number }
  | { readonly kind: 'float32'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'int32s'; readonly value: readonly number[] }
  | { readonly kind: 'float32s'; readonly value: readonly number[] }

export interface GgufTensor {
  readonly name: string
  /** Fastest-moving dimension first: a matrix of `rows` by `columns` is `[columns, rows]`. */
  readonly shape: readonly number[]
  readonly data: Float32Array | Uint16Array
}

const alignment = 32
const valueTypes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const

/** The type number that a tensor's data has in the file: 0 for 32-bit floats, 1 for 16-bit floats held as bits. */
export const tensorType = (data: GgufTensor['data']): 0 | 1 =>
  data instanceof Float32Array ? 0 : 1

/** The whole file, little-endian, tensors aligned to 32 bytes. */
export function encodeGguf(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): Buffer {
  const header = new ByteWriter()
  header.bytes(Buffer.from('GGUF'))
  header.uint32(3)
  header.uint64(tensors.length)
  header.uint64(metadata.size)
  for (const [key, value] of metadata) {
    header.string(key)
    writeValue(header, value)
  }
  let offset = 0
  for (const { name, shape, data } of tensors) {
    header.string(name)
    header.uint32(shape.length)
    for (const length of shape) header.uint64(length)
    header.uint32(tensorType(data))
    header.uint64(offset)
    offset += padded(data.byteLength)
  }
  const head = header.finish()
  const file = Buffer.alloc(padded(head.length) + offset)
  head.copy(file)
  let position = padded(head.length)
  for (const { data } of tensors) {
    writeNumbers(file, position, data)
    position += padded(data.byteLength)
  }
  return file
}

const padded = (length: number): number => Math.ceil(length / alignment) * alignment

function writeNumbers(file: Buffer, position: number, data: GgufTensor['data']): void {
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).copy(file, position)
  const written = file.subarray(position, position + data.byteLength)
  if (isBigEndian()) data instanceof Float32Array ? written.swap32() : written.swap16()
}

const isBigEndian = (): boolean => new Uint8Array(new Uint16Array([1]).buffer)[0] === 0

function writeValue(writer: ByteWriter, { kind, value }: GgufValue): void {
  switch (kind) {
    case 'uint32':
      writer.uint32(valueTypes.uint32)
      return writer.uint32(value)
    case 'float32':
      writer.uint32(valueTypes.float32)
      return writer.float32(value)
    case 'bool':
      writer.uint32(valueTypes.bool)
      return writer.bytes(Buffer.from([value ? 1 : 0]))
    case 'string':
      writer.uint32(valueTypes.string)
      return writer.string(value)
    case 'strings':
      writer.arrayOf(valueTypes.string, value.length)
      return value.forEach((item) => writer.string(item))
    case 'int32s':
      writer.arrayOf(valueTypes.int32, value.length)
      return value.forEach((item) => writer.int32(item))
    case 'float32s':
      writer.arrayOf(valueTypes.float32, value.length)
      return value.forEach((item) => writer.float32(item))
  }
}

class ByteWriter {
  readonly #parts: Buffer[] = []

  bytes(part: Buffer): void {
    this.#parts.push(part)
  }

  uint32(value: number): void {
    const part = Buffer.alloc(4)
    part.writeUInt32LE(value)
    this.bytes(part)
  }

  int32(value: number): void {
    const part = Buffer.alloc(4)
    part.writeInt32LE(value)
    this.bytes(part)
  }

  float32(value: number): void {
    const part = Buffer.alloc(4)
    part.writeFloatLE(value)
    this.bytes(part)
  }

  uint64(value: number): void {
    const part = Buffer.alloc(8)
    part.writeBigUInt64LE(BigInt(value))
    this.bytes(part)
  }

  string(value: string): void {
    const part = Buffer.from(value)
    this.uint64(part.length)
    this.bytes(part)
  }

  arrayOf(type: number, length: number): void {
    this.uint32(valueTypes.array)
    this.uint32(type)
    this.uint64(length)
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
