/**
 * Draws two figures of each config against each other, and the Pareto front: the configs that no other config beats in
 * both figures. The line of the front is stepped, because nothing is known between two configs.
 */
import {
  axisX,
  axisY,
  dot,
  gridX,
  gridY,
  line,
  link,
  ruleX,
  type Markish,
} from '@observablehq/plot'
import { drawCard, type LegendEntry } from './card.ts'
import type { ChartInterval, FrontChart, FrontPoint, FrontRole } from './chart.ts'
import {
  boundStyle,
  gridStyle,
  horizontalAxisStyle,
  intervalStyle,
  verticalAxisStyle,
} from './mark-styles.ts'
import { themes } from './palette.ts'

interface RoleStyle {
  readonly colour: string
  readonly radius: number
  readonly opacity: number
  readonly shape: 'dot' | 'ring'
}

/** The roles in the order in which they are drawn: the last one is on top. */
const styles: Readonly<Record<FrontRole, RoleStyle>> = {
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
  const costs = domainOf(
    drawn.map((each) => ({ ...each, value: each.cost, interval: each.costInterval })),
  )
  const values = domainOf(drawn)
  const bounds = bound !== undefined && bound.value <= costs.high ? [bound] : []
  return drawCard({
    ...chart,
    legend: legendOf(chart, bounds),
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
            gridY({ ticks: 5, ...gridStyle }),
            gridX({ ticks: 6, ...gridStyle }),
            axisY({ ticks: 5, label: chart.axis, ...verticalAxisStyle }),
            axisX({ ticks: 6, label: chart.costAxis, ...horizontalAxisStyle }),
            ruleX(bounds, { x: 'value', ...boundStyle }),
            intervalMarks(drawn, costs, values),
            frontLine(points),
            pointMarks(drawn),
          ],
        },
      },
    ],
  })
}

type Bound = NonNullable<FrontChart['bound']>

/** The roles that some config has, and the bound if it is drawn. */
function legendOf(
  { points, legend }: FrontChart,
  bounds: readonly Bound[],
): readonly LegendEntry[] {
  const shown = roles.toReversed().filter((role) => points.some((point) => point.role === role))
  return [
    ...shown.map((role): LegendEntry => {
      const { colour, shape } = styles[role]
      return { label: legend[role], colour, shape }
    }),
    ...bounds.map(({ text }): LegendEntry => ({
      label: text,
      colour: themes.light.muted,
      shape: 'line',
    })),
  ]
}

function intervalMarks(
  points: readonly (FrontPoint & RoleStyle)[],
  costs: ChartInterval,
  values: ChartInterval,
): Markish {
  const lines = points.filter(showsInterval).flatMap((point) => intervalLines(point, costs, values))
  return link(lines, { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', ...intervalStyle })
}

function frontLine(points: readonly FrontPoint[]): Markish {
  const front = points
    .filter(({ onFront }) => onFront)
    .toSorted((one, other) => one.cost - other.cost)
  return line(front, {
    x: 'cost',
    y: 'value',
    curve: 'step-after',
    stroke: styles.front.colour,
    strokeWidth: 2,
  })
}

function pointMarks(points: readonly (FrontPoint & RoleStyle)[]): Markish {
  return dot(points, {
    // in the order of the roles, not by size
    sort: null,
    x: 'cost',
    y: 'value',
    r: 'radius',
    fill: ({ shape, colour }: RoleStyle) => (shape === 'dot' ? colour : themes.light.card),
    fillOpacity: 'opacity',
    stroke: 'colour',
    strokeOpacity: ({ shape }: RoleStyle) => (shape === 'dot' ? 0 : 1),
    strokeWidth: 3,
    title: 'text',
  })
}

/**
 * True if the interval of the point is drawn. The other configs are many, and their intervals would hide the points.
 */
function showsInterval({ role }: Pick<FrontPoint, 'role'>): boolean {
  return role !== 'other'
}

/**
 * The range of an axis: that of all values, extended by the drawn intervals, on each side by at most half of the range.
 */
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
    .filter(showsInterval)
    .flatMap(({ interval }) => (interval ? [interval.low, interval.high] : []))
  const low = Math.max(least - span / 2, Math.min(least, ...ends))
  const high = Math.min(most + span / 2, Math.max(most, ...ends))
  const room = (high - low || span) * 0.06
  return { low: least >= 0 ? Math.max(0, low - room) : low - room, high: high + room }
}

/** The interval of each figure of a point, as a line that is cut off at the edge of the plot. */
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
