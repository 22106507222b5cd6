/** Where a value is written in an experiment file, for messages about a file that was parsed before. */
import { limits } from '../../errors/limits.ts'
import { readSource, type Path } from './source.ts'

/** `FILE:LINE:COLUMN` of the value, or of the nearest key above it if nothing is written there. */
export function positionOf(file: string, text: string, path: Path): string {
  const { source } = readSource(file, text, limits.experiment)
  const place = source?.problem(path, { code: 'wrong-value', message: '' }, 'key')
  return place === undefined ? file : `${place.file}:${place.line}:${place.column}`
}
