/** Draws the requests of one trial over time, so that stalls, reloads and ramps are visible. */
import { axisX, axisY, dot, gridY, rect, type Markish } from '@observablehq/plot'
import { drawCard, type LegendEntry } from './card.ts'
import type { CourseChart } from './chart.ts'
import { gridStyle, horizontalAxisStyle, verticalAxisStyle } from './mark-styles.ts'
import { configColour, themes, verdictColours } from './palette.ts'
import { minRatioForLog } from './distribution.ts'

/** In a trial with fewer requests than this, the dots are larger. */
const maxLargeDots = 60

export function drawCourse(chart: CourseChart): string {
  const { points, window } = chart
  const times = points.map(({ ms }) => ms)
  const [least, most] = [Math.min(...times), Math.max(1, ...times)]
  const decades = least > 0 && most / least > minRatioForLog ? decadesFrom(least, most) : undefined
  const end = Math.max(window.high, ...points.map(({ at }) => at))
  return drawCard({
    ...chart,
    legend: legendOf(chart),
    panels: [
      {
        options: {
          height: 320,
          margin: 0,
          marginLeft: 64,
          marginRight: 12,
          marginTop: 34,
          marginBottom: 48,
          x: { domain: [0, end], label: null },
          y: decades
            ? { type: 'log', domain: [decades[0], decades.at(-1)], label: null }
            : { domain: [0, most], nice: 4, label: null },
          color: { type: 'identity' },
          marks: [...axisMarks(chart, decades), ...requestMarks(chart)],
        },
      },
    ],
  })
}

function legendOf({ windowText, failed }: CourseChart): readonly LegendEntry[] {
  const window: LegendEntry = { label: windowText, colour: themes.light.muted, shape: 'band' }
  return failed === ''
    ? [window]
    : [window, { label: failed, colour: verdictColours.against, shape: 'square' }]
}

/** @param decades the ticks of a logarithmic axis */
function axisMarks(
  { window, axis, timeAxis }: CourseChart,
  decades: readonly number[] | undefined,
): readonly Markish[] {
  const ticks = decades ?? 4
  return [
    rect([window], { x1: 'low', x2: 'high', fill: themes.light.line, fillOpacity: 0.35 }),
    gridY({ ticks, ...gridStyle }),
    axisY({ ticks, label: axis, ...verticalAxisStyle, ...(decades && { tickFormat: ',' }) }),
    axisX({ ticks: 5, label: timeAxis, ...horizontalAxisStyle }),
  ]
}

/** A dot for each request that was answered, and a cross for each that failed. */
function requestMarks({ points, config }: CourseChart): readonly Markish[] {
  return [
    dot(
      points.filter(({ failed }) => failed !== true),
      {
        x: 'at',
        y: 'ms',
        r: points.length < maxLargeDots ? 5 : 3,
        fill: configColour(config),
        fillOpacity: 0.8,
        title: 'text',
      },
    ),
    dot(
      points.filter(({ failed }) => failed === true),
      {
        x: 'at',
        y: 'ms',
        r: 4,
        symbol: 'times',
        stroke: verdictColours.against,
        strokeWidth: 2,
        title: 'text',
      },
    ),
  ]
}

/** Powers of ten: from the largest that is at most `least` to the smallest that is at least `most`. */
function decadesFrom(least: number, most: number): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))]
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
}
