/** Draws the share of requests that took at most a given time: a line for each config. */
import { axisX, axisY, dot, gridX, line, ruleY, type Markish } from '@observablehq/plot'
import { colouredPoints, lineLegend } from './config-lines.ts'
import { drawCard } from './card.ts'
import type { DistributionChart } from './chart.ts'
import { gridStyle, horizontalAxisStyle, verticalAxisStyle } from './mark-styles.ts'
import { themes } from './palette.ts'

/** From this ratio of the longest to the shortest latency on, the axis is logarithmic. */
export const minRatioForLog = 10

export function drawDistribution(chart: DistributionChart): string {
  const { lines } = chart
  const times = lines.flatMap(({ points }) => points.map(({ ms }) => ms)).filter((ms) => ms > 0)
  const axis = { least: Math.min(...times), most: Math.max(...times) }
  const isLog = axis.most / axis.least > minRatioForLog
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
            ? { type: 'log', domain: [axis.least, axis.most], label: null }
            : { domain: [0, axis.most], label: null },
          y: { domain: [0, 100], label: null },
          color: { type: 'identity' },
          marks: [...axisMarks(chart, isLog), ...lineMarks(chart, isLog ? axis.least : 0)],
        },
      },
    ],
  })
}

function axisMarks({ axis, shareAxis }: DistributionChart, isLog: boolean): readonly Markish[] {
  return [
    gridX({ ticks: 5, ...gridStyle }),
    ruleY([50, 95, 99], { stroke: themes.light.line, strokeDasharray: '4,3' }),
    axisX({ ticks: 5, label: axis, ...horizontalAxisStyle, ...(isLog && { tickFormat: ',' }) }),
    axisY([0, 50, 95], { label: shareAxis, ...verticalAxisStyle }),
  ]
}

/** @param minMs where the axis begins: shorter latencies are drawn there */
function lineMarks({ lines }: DistributionChart, minMs: number): readonly Markish[] {
  const points = colouredPoints(
    lines.map(({ config, points }) => ({
      config,
      points: [...points.slice(0, 1).map(({ ms }) => ({ ms, share: 0 })), ...points],
    })),
  )
  const quantiles = colouredPoints(
    lines.map(({ config, quantiles }) => ({ config, points: quantiles })),
  )
  const percent = ({ share }: { share: number }) => share * 100
  return [
    line(points, {
      x: ({ ms }: { ms: number }) => Math.max(ms, minMs),
      y: percent,
      z: 'config',
      stroke: 'colour',
      strokeWidth: 2.5,
      curve: 'step-after',
    }),
    dot(quantiles, {
      x: 'ms',
      y: percent,
      r: 4.5,
      fill: 'colour',
      stroke: themes.light.card,
      title: 'text',
    }),
  ]
}
