/** Finds Markdown that would take minutes to parse, or would overflow the stack. A stranger may have written it. */
import { beyond, limits } from '../errors/limits.ts'
import { countContainers } from './structure.ts'
import { lineBeyondTableCells } from './table-cells.ts'

/** What is too large, and where. */
export interface SlowReport {
  readonly problem: string
  readonly remedy: string
  /** From 1. */
  readonly line: number
}

/**
 * The first part of a report that would be slow to parse; undefined if parsing the report takes linear time. Takes
 * linear time itself. For prose, see `findSlowProse`.
 */
export function findSlowReport(text: string): SlowReport | undefined {
  const { markdownDepth, inlineMarkup, reportLines, tableCells, underlinedHeadings } = limits
  const lines = text.split('\n')
  if (lines.length > reportLines.max)
    return {
      problem: `has ${beyond(reportLines, lines.length)}`,
      remedy: reportLines.remedy,
      line: reportLines.max + 1,
    }
  const tooManyCells = lineBeyondTableCells(lines)
  if (tooManyCells !== undefined)
    return {
      problem: `has more than ${tableCells.max} ${tableCells.unit}`,
      remedy: tableCells.remedy,
      line: tooManyCells,
    }
  let start = 1
  let before = ''
  let underlines = 0
  let marks = 0
  let work = 0
  for (const [index, line] of [...lines, ''].entries()) {
    if (countContainers(line) > markdownDepth.max)
      return {
        problem: `nests more than ${markdownDepth.max} ${markdownDepth.unit}`,
        remedy: markdownDepth.remedy,
        line: index + 1,
      }
    if (before !== '' && isUnderline(line)) underlines += 1
    if (underlines > underlinedHeadings.max)
      return {
        problem: `has more than ${underlinedHeadings.max} ${underlinedHeadings.unit}`,
        remedy: underlinedHeadings.remedy,
        line: index + 1,
      }
    before = line.trim()
    // The parser reads each row of a table on its own.
    const isTableRow = line.startsWith('|')
    if (line.trim() === '' || isTableRow) {
      work += marks ** 2 + (isTableRow ? marksIn(line) ** 2 : 0)
      if (work > inlineMarkup.max)
        return { problem: inlineMarkup.problem, remedy: inlineMarkup.remedy, line: start }
      start = index + 2
      marks = 0
    } else marks += marksIn(line)
  }
  return undefined
}

/** True for a line that makes the text above it a heading. For each, the parser searches all text before it. */
function isUnderline(line: string): boolean {
  return /^[\s>]*(?:=+|-+)\s*$/.test(line)
}

/** The number of marks in a line that may be markup. For each, the parser may search all text before it. */
function marksIn(line: string): number {
  return line.match(/[*_~]+|`+|[[\]!<&@]/g)?.length ?? 0
}
