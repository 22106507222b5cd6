/**
 * Gives the problems of a grid's cells their positions in the file: the file does not contain the cell, but each of its
 * settings.
 */
import type { Path, Source } from '../source/source.ts'
import type { WrittenFactor, WrittenLevel } from './factors.ts'

export interface WrittenCell {
  readonly key: string
  readonly levels: readonly (readonly [WrittenFactor, WrittenLevel])[]
}

/** The source in which the path of a cell's setting leads to its place in the file: to a level, or into the base. */
export function cellSource(
  source: Source,
  base: string,
  cells: readonly WrittenCell[],
  at: Path,
): Source {
  const byKey = new Map(cells.map((cell) => [cell.key, cell]))
  const pathInFile = (path: Path): Path => {
    const [first, key, ...rest] = path
    const cell = first === 'configs' ? byKey.get(String(key)) : undefined
    return cell === undefined ? path : placeOf(source, base, cell, rest, at)
  }
  return {
    ...source,
    problem: (path, details, part) => source.problem(pathInFile(path), details, part),
    has: (path) => source.has(pathInFile(path)),
    written: (path) => source.written(pathInFile(path)),
    line: (path) => source.line(pathInFile(path)),
  }
}

function placeOf(
  source: Source,
  base: string,
  { levels }: WrittenCell,
  rest: Path,
  at: Path,
): Path {
  const [section] = rest
  const own = levels.find(
    ([factor]) =>
      factor.section === section && (factor.section === 'model' || rest.includes(factor.name)),
  )
  if (own !== undefined) return own[1].path
  const inBase = ['configs', base, ...rest]
  if (rest.length > 0 && source.has(inBase)) return inBase
  const inVary = [...at, ...rest.slice(0, 1)]
  return rest.length > 0 && source.has(inVary) ? inVary : at
}
