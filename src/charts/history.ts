/** Draws a figure of some configs over the versions of a report. */
import { axisX, axisY, dot, gridY, line, link, text } from '@observablehq/plot'
import { colouredPoints, lineLegend } from './config-lines.ts'
import { drawCard, fontSize } from './card.ts'
import type { HistoryChart } from './chart.ts'
import { themes } from './palette.ts'

export function drawHistory(chart: HistoryChart): string {
  const { lines, versions, axis } = chart
  const points = colouredPoints(lines)
  const intervals = points.flatMap(({ version, interval, colour }) =>
    interval === undefined ? [] : [{ version, ...interval, colour }],
  )
  const last = colouredPoints(
    lines.map(({ config, points }) => ({ config, points: points.slice(-1) })),
  )
  return drawCard({
    ...chart,
    legend: lineLegend(lines),
    panels: [
      {
        options: {
          height: 300,
          margin: 0,
          marginLeft: 64,
          marginRight: 84,
          marginTop: 34,
          marginBottom: 34,
          x: { type: 'point', domain: versions, label: null, padding: 0.3 },
          y: { zero: true, nice: 4, label: null },
          color: { type: 'identity' },
          marks: [
            gridY({ ticks: 4, stroke: themes.light.line, strokeOpacity: 1 }),
            axisY({ ticks: 4, label: axis, labelAnchor: 'top', labelArrow: 'none', tickSize: 0 }),
            axisX({ tickSize: 4 }),
            link(intervals, {
              x1: 'version',
              x2: 'version',
              y1: 'low',
              y2: 'high',
              stroke: 'colour',
              strokeWidth: 3,
              strokeOpacity: 0.5,
            }),
            line(points, {
              x: 'version',
              y: 'value',
              z: 'config',
              stroke: 'colour',
              strokeWidth: 2,
            }),
            dot(points, { x: 'version', y: 'value', r: 5, fill: 'colour', title: 'text' }),
            text(last, {
              x: 'version',
              y: 'value',
              text: 'text',
              dx: 12,
              textAnchor: 'start',
              fontSize,
              fontWeight: 600,
              fill: 'colour',
            }),
          ],
        },
      },
    ],
  })
}
