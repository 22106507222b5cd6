/**
 * Draws charts. Input: the data of a chart, with finished texts. Output: the text of an SVG file, the same bytes for
 * the same data. Pure; knows nothing of experiments. Observable Plot scales the data and draws the marks and axes.
 */
import { oneLine } from '../format/plain-text.ts'
import type { Chart } from './chart.ts'
import { drawClaims } from './claims.ts'
import { drawCourse } from './course.ts'
import { drawDistribution } from './distribution.ts'
import { drawFront } from './front.ts'
import { drawHistory } from './history.ts'
import { drawLevels } from './levels.ts'
import { drawTime } from './time.ts'
import { drawTrials } from './trials.ts'

/**
 * The text of an SVG file. The texts of the chart cannot become markup, and lose characters that XML does not allow.
 */
export function drawChart(uncleaned: Chart): string {
  const chart = withCleanTexts(uncleaned)
  switch (chart.kind) {
    case 'time':
      return drawTime(chart)
    case 'claims':
      return drawClaims(chart)
    case 'levels':
      return drawLevels(chart)
    case 'front':
      return drawFront(chart)
    case 'history':
      return drawHistory(chart)
    case 'distribution':
      return drawDistribution(chart)
    case 'trials':
      return drawTrials(chart)
    case 'course':
      return drawCourse(chart)
  }
}

/** The chart with all of its texts on one line and without control codes. */
function withCleanTexts<Value>(value: Value): Value {
  if (typeof value === 'string') return oneLine(value) as Value
  if (Array.isArray(value)) return value.map(withCleanTexts) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withCleanTexts<unknown>(each)]),
  ) as Value
}
