/** Draws the requests of one trial over its time, so that a stall, a reload or a ramp can be seen. */
import { axisX, axisY, dot, gridY, rect } from '@observablehq/plot'
import { drawCard } from './card.ts'
import type { CourseChart } from './chart.ts'
import { configColour, themes, verdictColours } from './palette.ts'
import { minRatioForLog } from './distribution.ts'

/** Fewer requests than this have larger dots. */
const maxLargeDots = 60

export function drawCourse(chart: CourseChart): string {
  const { points, window, windowText, axis, timeAxis, failed, config } = chart
  const isFailed = (point: CourseChart['points'][number]) => point.failed === true
  const times = points.map(({ ms }) => ms)
  const [least, most] = [Math.min(...times), Math.max(1, ...times)]
  const decades = least > 0 && most / least > minRatioForLog ? decadesFrom(least, most) : undefined
  const end = Math.max(window.high, ...points.map(({ at }) => at))
  return drawCard({
    ...chart,
    legend: [
      { label: windowText, colour: themes.light.muted, shape: 'band' },
      ...(failed === ''
        ? []
        : [{ label: failed, colour: verdictColours.against, shape: 'square' as const }]),
    ],
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
          marks: [
            rect([window], {
              x1: 'low',
              x2: 'high',
              fill: themes.light.line,
              fillOpacity: 0.35,
            }),
            gridY({ ticks: decades ?? 4, stroke: themes.light.line, strokeOpacity: 1 }),
            axisY({
              ticks: decades ?? 4,
              label: axis,
              labelAnchor: 'top',
              labelArrow: 'none',
              tickSize: 0,
              ...(decades && { tickFormat: ',' }),
            }),
            axisX({
              ticks: 5,
              label: timeAxis,
              labelAnchor: 'left',
              labelArrow: 'none',
              tickSize: 4,
            }),
            dot(
              points.filter((point) => !isFailed(point)),
              {
                x: 'at',
                y: 'ms',
                r: points.length < maxLargeDots ? 5 : 3,
                fill: configColour(config),
                fillOpacity: 0.8,
                title: 'text',
              },
            ),
            dot(points.filter(isFailed), {
              x: 'at',
              y: 'ms',
              r: 4,
              symbol: 'times',
              stroke: verdictColours.against,
              strokeWidth: 2,
              title: 'text',
            }),
          ],
        },
      },
    ],
  })
}

/** The powers of ten from the one at or below the least value to the one at or above the greatest. */
function decadesFrom(least: number, most: number): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))]
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
}
