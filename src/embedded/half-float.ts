/**
 * Returns the bits of the 16-bit float (IEEE 754 binary16) nearest to a number, ties to even. Too small a
 * number becomes zero of the same sign (no subnormals); too large a number becomes infinity.
 */
export function halfFloatBits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15
  if (exponent <= 0) return sign
  if (exponent >= 31) return sign | 0x7c00
  const mantissa = bits & 0x7fffff
  const truncated = sign | (exponent << 10) | (mantissa >>> 13)
  const rest = mantissa & 0x1fff
  const roundUp = rest > 0x1000 || (rest === 0x1000 && (truncated & 1) === 1)
  return roundUp ? truncated + 1 : truncated
}
