/** Draws throughput and latency over the levels of a load. */
import { axisX, axisY, dot, gridY, line, link, ruleY, text } from '@observablehq/plot'
import type { Panel } from './card.ts'
import { drawCard } from './card.ts'
import type { LevelsChart } from './chart.ts'
import { colouredPoints, lineLegend } from './config-lines.ts'
import {
  boundStyle,
  gridStyle,
  intervalStyle,
  horizontalAxisStyle,
  verticalAxisStyle,
} from './mark-styles.ts'
import { themes } from './palette.ts'

export function drawLevels(chart: LevelsChart): string {
  const [first] = chart.panels
  const lines = first?.lines ?? []
  return drawCard({
    ...chart,
    legend: lines.length > 1 ? lineLegend(lines) : [],
    panels: chart.panels.map((panel, index) =>
      panelOf(panel, chart, index === chart.panels.length - 1),
    ),
  })
}

function panelOf(
  { axis, bound, lines }: LevelsChart['panels'][number],
  { levels, levelAxis }: LevelsChart,
  isLast: boolean,
): Panel {
  const points = colouredPoints(lines)
  const intervals = points.flatMap(({ level, interval, colour }) =>
    interval === undefined ? [] : [{ level, ...interval, colour }],
  )
  const bounds = bound === undefined ? [] : [bound]
  const top = Math.max(
    1e-9,
    ...points.map(({ value, interval }) => Math.max(value, interval?.high ?? 0)),
    // leaves room for the text above the line
    ...bounds.map(({ value }) => value * 1.15),
  )
  return {
    options: {
      height: isLast ? 250 : 226,
      margin: 0,
      marginLeft: 64,
      marginRight: 20,
      marginTop: 34,
      marginBottom: isLast ? 48 : 24,
      x: { type: 'point', domain: levels, label: null, padding: 0.4 },
      y: { domain: [0, top], nice: 4, label: null },
      color: { type: 'identity' },
      marks: [
        gridY({ ticks: 4, ...gridStyle }),
        axisY({ ticks: 4, label: axis, ...verticalAxisStyle }),
        axisX({ label: isLast ? levelAxis : null, ...horizontalAxisStyle }),
        ruleY(bounds, { y: 'value', ...boundStyle }),
        text(bounds, {
          y: 'value',
          text: 'text',
          frameAnchor: 'left',
          textAnchor: 'start',
          dx: 6,
          dy: -9,
          fontSize: 14,
          fill: themes.light.muted,
        }),
        link(intervals, { x1: 'level', x2: 'level', y1: 'low', y2: 'high', ...intervalStyle }),
        line(points, { x: 'level', y: 'value', z: 'config', stroke: 'colour', strokeWidth: 2 }),
        dot(points, { x: 'level', y: 'value', r: 5, fill: 'colour' }),
      ],
    },
  }
}
