/**
 * Draws two figures of each config against each other, and the front: the configs that no other one beats in both. The
 * line of the front has steps, because nothing is known between two configs.
 */
import { axisX, axisY, dot, gridX, gridY, line, link, ruleX } from '@observablehq/plot'
import { drawCard, type LegendEntry } from './card.ts'
import type { ChartInterval, FrontChart, FrontPoint, FrontRole } from './chart.ts'
import { themes } from './palette.ts'

/** The roles in the order in which they are drawn: the last one is on top. */
const styles: Readonly<
  Record<FrontRole, { colour: string; radius: number; opacity: number; shape: 'dot' | 'ring' }>
> = {
  other: { colour: '#7d8590', radius: 4, opacity: 0.5, shape: 'dot' },
  front: { colour: '#0072b2', radius: 5, opacity: 1, shape: 'dot' },
  base: { colour: '#d55e00', radius: 6, opacity: 1, shape: 'ring' },
  leader: { colour: '#009e73', radius: 8, opacity: 1, shape: 'dot' },
}
const roles = Object.keys(styles) as FrontRole[]

export function drawFront(chart: FrontChart): string {
  const { points, bound } = chart
  const drawn = points
    .map((point) => ({ ...point, ...styles[point.role] }))
    .toSorted((one, other) => roles.indexOf(one.role) - roles.indexOf(other.role))
  const [costs, values] = [
    domainOf(drawn.map((each) => ({ ...each, value: each.cost, interval: each.costInterval }))),
    domainOf(drawn),
  ]
  const bounds = bound !== undefined && bound.value <= costs.high ? [bound] : []
  const lines = drawn.filter(hasInterval).flatMap((point) => intervalLines(point, costs, values))
  const front = points
    .filter(({ onFront }) => onFront)
    .toSorted((one, other) => one.cost - other.cost)
  return drawCard({
    ...chart,
    legend: [
      ...roles
        .toReversed()
        .filter((role) => points.some((point) => point.role === role))
        .map((role): LegendEntry => ({
          label: chart.legend[role],
          colour: styles[role].colour,
          shape: styles[role].shape,
        })),
      ...bounds.map((each): LegendEntry => ({
        label: each.text,
        colour: themes.light.muted,
        shape: 'line',
      })),
    ],
    footer: chart.front,
    panels: [
      {
        options: {
          height: 360,
          margin: 0,
          marginLeft: 64,
          marginRight: 20,
          marginTop: 34,
          marginBottom: 52,
          x: { domain: [costs.low, costs.high], label: null },
          y: { domain: [values.low, values.high], label: null },
          color: { type: 'identity' },
          opacity: { type: 'identity' },
          r: { type: 'identity' },
          marks: [
            gridY({ ticks: 5, stroke: themes.light.line, strokeOpacity: 1 }),
            gridX({ ticks: 6, stroke: themes.light.line, strokeOpacity: 1 }),
            axisY({
              ticks: 5,
              label: chart.axis,
              labelAnchor: 'top',
              labelArrow: 'none',
              tickSize: 0,
            }),
            axisX({
              ticks: 6,
              label: chart.costAxis,
              labelAnchor: 'left',
              labelArrow: 'none',
              tickSize: 4,
            }),
            ruleX(bounds, {
              x: 'value',
              stroke: themes.light.muted,
              strokeWidth: 2,
              strokeDasharray: '6,4',
            }),
            link(lines, {
              ...{ x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2' },
              stroke: 'colour',
              strokeWidth: 3,
              strokeOpacity: 0.5,
            }),
            line(front, {
              x: 'cost',
              y: 'value',
              curve: 'step-after',
              stroke: styles.front.colour,
              strokeWidth: 2,
            }),
            dot(drawn, {
              // in the order of the roles, not by size
              sort: null,
              x: 'cost',
              y: 'value',
              r: 'radius',
              fill: ({ shape, colour }: (typeof drawn)[number]) =>
                shape === 'dot' ? colour : themes.light.card,
              fillOpacity: 'opacity',
              stroke: 'colour',
              strokeOpacity: ({ shape }: (typeof drawn)[number]) => (shape === 'dot' ? 0 : 1),
              strokeWidth: 3,
              title: 'text',
            }),
          ],
        },
      },
    ],
  })
}

/** Many intervals of configs that are not on the front would hide the points. */
function hasInterval({ role }: Pick<FrontPoint, 'role'>): boolean {
  return role !== 'other'
}

/** The range of an axis: all values, and the drawn intervals, which are cut where they would more than double it. */
function domainOf(
  points: readonly {
    readonly role: FrontRole
    readonly value: number
    readonly interval?: ChartInterval | undefined
  }[],
): ChartInterval {
  const values = points.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const span = most - least || Math.abs(most) * 0.1 || 1
  const ends = points
    .filter(hasInterval)
    .flatMap(({ interval }) => (interval ? [interval.low, interval.high] : []))
  const low = Math.max(least - span / 2, Math.min(least, ...ends))
  const high = Math.min(most + span / 2, Math.max(most, ...ends))
  const room = (high - low || span) * 0.06
  return { low: least >= 0 ? Math.max(0, low - room) : low - room, high: high + room }
}

/** The interval of each figure of a point, as a line that ends at the frame. */
function intervalLines(
  point: FrontPoint & { readonly colour: string },
  costs: ChartInterval,
  values: ChartInterval,
) {
  const within = ({ low, high }: ChartInterval, domain: ChartInterval) =>
    [Math.max(low, domain.low), Math.min(high, domain.high)] as const
  const { cost, value, colour } = point
  const lines = []
  if (point.costInterval !== undefined) {
    const [x1, x2] = within(point.costInterval, costs)
    lines.push({ x1, x2, y1: value, y2: value, colour })
  }
  if (point.interval !== undefined) {
    const [y1, y2] = within(point.interval, values)
    lines.push({ x1: cost, x2: cost, y1, y2, colour })
  }
  return lines
}
