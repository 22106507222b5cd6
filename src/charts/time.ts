/** Draws where the time goes: bars of mean latency, stacked from its parts. */
import { axisX, gridX, rect, text, type Markish } from '@observablehq/plot'
import { drawCard, fontSize, innerWidth, type LegendEntry, type Panel } from './card.ts'
import type { TimeBar, TimeChart } from './chart.ts'
import { gridStyle, horizontalAxisStyle } from './mark-styles.ts'
import { partColour, themes } from './palette.ts'
import { textLines, textWidth } from './text-lines.ts'

const labelHeight = 28
const barHeight = 26
const rowHeight = labelHeight + barHeight + 14
const axisHeight = 46

/** If the longest bar is more than this many times as long as a bar, that bar is drawn once more, enlarged. */
const minRatioToEnlarge = 12

export function drawTime(chart: TimeChart): string {
  const longest = Math.max(0, ...chart.bars.map(({ total }) => total ?? 0))
  const short = chart.bars.filter(
    ({ total }) => total !== undefined && total * minRatioToEnlarge < longest,
  )
  const hasEnlarged = chart.enlarged !== '' && short.length > 0
  return drawCard({
    ...chart,
    legend: legendOf(chart),
    panels: [
      barsPanel(chart, chart.bars),
      ...(hasEnlarged ? [{ ...barsPanel(chart, short), heading: chart.enlarged }] : []),
    ],
  })
}

/** The parts that some bar has, and the colour of bars whose parts are not known. */
function legendOf({ parts, bars, partsUnknown }: TimeChart): readonly LegendEntry[] {
  const known = parts.flatMap((label, index) =>
    bars.some((bar) => (bar.parts?.[index] ?? 0) > 0)
      ? [{ label, colour: partColour(index), shape: 'square' as const }]
      : [],
  )
  const hasUnknown = bars.some((bar) => bar.total !== undefined && bar.parts === undefined)
  return hasUnknown
    ? [...known, { label: partsUnknown, colour: themes.light.muted, shape: 'square' }]
    : known
}

/** The minimum length of the longest bar in pixels. A text that does not fit beside a bar of this length is cut. */
const minLongest = innerWidth / 5
/** The gap around the text at the end of a bar, in pixels. */
const textGap = 16
const textBox = { width: innerWidth - minLongest - textGap, fontSize, maxLines: 1, isBold: true }

function barsPanel({ axis }: TimeChart, bars: readonly TimeBar[]): Panel {
  const rows = bars.map(barRow)
  const longest = Math.max(...rows.map(({ total }) => total)) || 1
  return {
    options: {
      height: bars.length * rowHeight + axisHeight,
      margin: 0,
      marginLeft: 1,
      marginRight: innerWidth - lengthOfLongest(rows, longest),
      marginBottom: axisHeight,
      x: { domain: [0, longest], label: null },
      y: { type: 'identity', axis: null },
      color: { type: 'identity' },
      marks: [
        gridX({ tickSpacing: 90, ...gridStyle }),
        segmentMarks(rows),
        axisX({ tickSpacing: 90, label: axis, ...horizontalAxisStyle }),
        ...rowTexts(rows),
      ],
    },
  }
}

/** A bar with its place in the panel, and with its texts cut to the available width. */
interface BarRow extends TimeBar {
  /** 0 if it is not known. */
  readonly total: number
  readonly labelY: number
  readonly top: number
  readonly middle: number
}

function barRow(bar: TimeBar, index: number): BarRow {
  const top = index * rowHeight + labelHeight
  const [label = ''] = textLines(bar.label, { width: innerWidth, fontSize, maxLines: 1 })
  const [text = ''] = textLines(bar.text, textBox)
  const places = { labelY: top - 14, top, middle: top + barHeight / 2 }
  return { ...bar, label, text, total: bar.total ?? 0, ...places }
}

function segmentMarks(rows: readonly BarRow[]): Markish {
  return rect(rows.flatMap(segmentsOf), {
    x1: 'from',
    x2: 'to',
    y1: 'top',
    y2: 'bottom',
    fill: 'colour',
    insetRight: 1,
    title: 'text',
  })
}

/** The label above each bar, and the text at its end. */
function rowTexts(rows: readonly BarRow[]): readonly Markish[] {
  const style = { textAnchor: 'start', fontSize, fill: themes.light.text } as const
  return [
    text(rows, { x: () => 0, y: 'labelY', text: 'label', ...style }),
    text(rows, { x: 'total', y: 'middle', text: 'text', dx: 8, fontWeight: 600, ...style }),
  ]
}

/** The length of the longest bar in pixels, such that the text at the end of each bar fits. */
function lengthOfLongest(bars: readonly BarRow[], longest: number): number {
  const lengths = bars.map(
    ({ total, text }) =>
      (innerWidth - textGap - textWidth(text, fontSize, true)) / (total / longest || 1e-9),
  )
  return Math.max(minLongest, Math.min(innerWidth - textGap, ...lengths))
}

interface Segment {
  readonly from: number
  readonly to: number
  readonly top: number
  readonly bottom: number
  readonly colour: string
  readonly text: string
}

/** The parts of a bar from left to right; one segment without a part's colour if only the total is known. */
function segmentsOf({ parts, partTexts, total, top, text }: BarRow): readonly Segment[] {
  const rows = { top, bottom: top + barHeight }
  if (parts === undefined)
    return total > 0 ? [{ from: 0, to: total, ...rows, colour: themes.light.muted, text }] : []
  let from = 0
  return parts.flatMap((part, index) => {
    const start = from
    from += Math.max(0, part)
    const look = { colour: partColour(index), text: partTexts?.[index] ?? '' }
    return part > 0 ? [{ from: start, to: from, ...rows, ...look }] : []
  })
}
