/** Draws the figure of each trial in the order measured, so that a drift and outliers can be seen. */
import { axisX, axisY, dot, gridY, line, ruleX, text } from '@observablehq/plot'
import { colouredPoints, lineLegend } from './config-lines.ts'
import { drawCard } from './card.ts'
import type { TrialsChart } from './chart.ts'
import { themes } from './palette.ts'

export function drawTrials(chart: TrialsChart): string {
  const { lines, axis, orderAxis } = chart
  const points = colouredPoints(lines)
  const rounds = [...new Set(points.map(({ round }) => round))].map((round) => {
    const orders = points.filter((point) => point.round === round).map(({ order }) => order)
    return {
      round,
      from: Math.min(...orders),
      middle: (Math.min(...orders) + Math.max(...orders)) / 2,
    }
  })
  const last = Math.max(0, ...points.map(({ order }) => order))
  const labelled = rounds.filter((_, index) => index % Math.ceil(rounds.length / 12) === 0)
  return drawCard({
    ...chart,
    legend: lineLegend(lines),
    panels: [
      {
        options: {
          height: 340,
          margin: 0,
          marginLeft: 64,
          marginRight: 12,
          marginTop: 34,
          marginBottom: 52,
          x: { domain: [-0.5, last + 0.5], label: null },
          y: { zero: true, nice: 4, label: null },
          color: { type: 'identity' },
          marks: [
            gridY({ ticks: 4, stroke: themes.light.line, strokeOpacity: 1 }),
            ruleX(
              rounds.slice(1).map(({ from }) => from - 0.5),
              { stroke: themes.light.line },
            ),
            axisY({ ticks: 4, label: axis, labelAnchor: 'top', labelArrow: 'none', tickSize: 0 }),
            axisX(
              labelled.map(({ middle }) => middle),
              {
                label: orderAxis,
                labelAnchor: 'left',
                labelArrow: 'none',
                tickSize: 4,
                tickFormat: (_: number, index: number) => String(labelled[index]?.round ?? ''),
              },
            ),
            line(points, {
              x: 'order',
              y: 'value',
              z: 'config',
              stroke: 'colour',
              strokeWidth: 1.5,
              strokeOpacity: 0.5,
            }),
            dot(points, { x: 'order', y: 'value', r: 5, fill: 'colour', title: 'text' }),
            text(
              points.filter(({ note }) => note !== undefined),
              {
                x: 'order',
                y: 'value',
                text: 'note',
                dy: -16,
                fontSize: 14,
                fill: themes.light.text,
              },
            ),
          ],
        },
      },
    ],
  })
}
