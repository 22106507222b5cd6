/** Draws a figure of some configs over the versions of a report. */
import { axisX, axisY, dot, gridY, line, link, text, type Markish } from '@observablehq/plot'
import { colouredPoints, lineLegend } from './config-lines.ts'
import { drawCard, fontSize } from './card.ts'
import type { HistoryChart } from './chart.ts'
import { gridStyle, intervalStyle, verticalAxisStyle } from './mark-styles.ts'

export function drawHistory(chart: HistoryChart): string {
  return drawCard({
    ...chart,
    legend: lineLegend(chart.lines),
    panels: [
      {
        options: {
          height: 300,
          margin: 0,
          marginLeft: 64,
          marginRight: 84,
          marginTop: 34,
          marginBottom: 34,
          x: { type: 'point', domain: chart.versions, label: null, padding: 0.3 },
          y: { zero: true, nice: 4, label: null },
          color: { type: 'identity' },
          marks: [...marksOf(chart)],
        },
      },
    ],
  })
}

function marksOf({ lines, axis }: HistoryChart): readonly Markish[] {
  const points = colouredPoints(lines)
  const intervals = points.flatMap(({ version, interval, colour }) =>
    interval === undefined ? [] : [{ version, ...interval, colour }],
  )
  const last = colouredPoints(
    lines.map(({ config, points }) => ({ config, points: points.slice(-1) })),
  )
  return [
    gridY({ ticks: 4, ...gridStyle }),
    axisY({ ticks: 4, label: axis, ...verticalAxisStyle }),
    axisX({ tickSize: 4 }),
    link(intervals, { x1: 'version', x2: 'version', y1: 'low', y2: 'high', ...intervalStyle }),
    line(points, { x: 'version', y: 'value', z: 'config', stroke: 'colour', strokeWidth: 2 }),
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
  ]
}
