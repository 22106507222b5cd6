/** Draws the share of requests that took at most a given time: a line for each config. */
import { axisX, axisY, dot, gridX, line, ruleY } from '@observablehq/plot'
import { colouredPoints, lineLegend } from './config-lines.ts'
import { drawCard } from './card.ts'
import type { DistributionChart } from './chart.ts'
import { themes } from './palette.ts'

/** From this ratio of the longest to the shortest latency on, the axis is logarithmic. */
export const minRatioForLog = 10

export function drawDistribution(chart: DistributionChart): string {
  const { lines, axis, shareAxis } = chart
  const points = colouredPoints(
    lines.map(({ config, points }) => ({
      config,
      points: [...points.slice(0, 1).map(({ ms }) => ({ ms, share: 0 })), ...points],
    })),
  )
  const quantiles = colouredPoints(
    lines.map(({ config, quantiles }) => ({ config, points: quantiles })),
  )
  const times = points.map(({ ms }) => ms).filter((ms) => ms > 0)
  const [least, most] = [Math.min(...times), Math.max(...times)]
  const isLog = most / least > minRatioForLog
  return drawCard({
    ...chart,
    legend: lineLegend(
      lines.map(({ label, config, quantiles }) => ({
        label: [label, ...quantiles.map(({ text }) => text)].join('  '),
        config,
      })),
    ),
    panels: [
      {
        options: {
          height: 340,
          margin: 0,
          marginLeft: 52,
          marginRight: 12,
          marginTop: 30,
          marginBottom: 48,
          x: isLog
            ? { type: 'log', domain: [least, most], label: null }
            : { domain: [0, most], label: null },
          y: { domain: [0, 100], label: null },
          color: { type: 'identity' },
          marks: [
            gridX({ ticks: 5, stroke: themes.light.line, strokeOpacity: 1 }),
            ruleY([50, 95, 99], { stroke: themes.light.line, strokeDasharray: '4,3' }),
            axisX({
              ticks: 5,
              label: axis,
              labelAnchor: 'left',
              labelArrow: 'none',
              tickSize: 4,
              ...(isLog && { tickFormat: ',' }),
            }),
            axisY([0, 50, 95], {
              label: shareAxis,
              labelAnchor: 'top',
              labelArrow: 'none',
              tickSize: 0,
            }),
            line(points, {
              x: isLog ? ({ ms }: { ms: number }) => Math.max(ms, least) : 'ms',
              y: ({ share }: { share: number }) => share * 100,
              z: 'config',
              stroke: 'colour',
              strokeWidth: 2.5,
              curve: 'step-after',
            }),
            dot(quantiles, {
              x: 'ms',
              y: ({ share }: { share: number }) => share * 100,
              r: 4.5,
              fill: 'colour',
              stroke: themes.light.card,
              title: 'text',
            }),
          ],
        },
      },
    ],
  })
}
