/** Finds Markdown that a stranger made so that parsing it takes minutes, or more of the stack than there is. */
import { limits } from '../errors/limits.ts'
import { containersOf } from './structure.ts'

/** What is too large, and where. */
export interface SlowMarkup {
  readonly problem: string
  readonly remedy: string
  /** From 1. */
  readonly line: number
}

/** The first such part of a whole report; undefined if parsing it takes time in proportion to its size. Takes linear time. */
export function findSlowMarkup(text: string): SlowMarkup | undefined {
  const { markdownDepth, inlineMarkup } = limits
  let start = 1
  let marks = 0
  let work = 0
  for (const [index, line] of [...text.split('\n'), ''].entries()) {
    if (containersOf(line) > markdownDepth.max)
      return {
        problem: `nests more than ${markdownDepth.max} ${markdownDepth.unit}`,
        remedy: markdownDepth.remedy,
        line: index + 1,
      }
    // The parser reads each row of a table on its own.
    const isAlone = line.startsWith('|')
    if (line.trim() === '' || isAlone) {
      work += marks ** 2 + (isAlone ? marksIn(line) ** 2 : 0)
      if (work > inlineMarkup.max)
        return { problem: inlineMarkup.unit, remedy: inlineMarkup.remedy, line: start }
      start = index + 2
      marks = 0
    } else marks += marksIn(line)
  }
  return undefined
}

/** What may be markup within a line: for each, the parser may look at all that came before. */
function marksIn(line: string): number {
  return line.match(/[*_~]+|`+|[[\]!<&]/g)?.length ?? 0
}
