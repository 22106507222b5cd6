import { decimalBytes, integer } from '../format/number.ts'

/** The size of files: `86 kB`, `12.3 MB`. */
export function sizeText(bytes: number): string {
  return bytes < 10e6 ? `${integer(bytes / 1000)} kB` : decimalBytes(bytes)
}
