/** Draws the figure of each trial in the order measured, so that drift and outliers are visible. */
import { axisX, axisY, dot, gridY, line, ruleX, text, type Markish } from '@observablehq/plot'
import { colouredPoints, lineLegend } from './config-lines.ts'
import { drawCard } from './card.ts'
import type { TrialsChart } from './chart.ts'
import { gridStyle, horizontalAxisStyle, verticalAxisStyle } from './mark-styles.ts'
import { themes } from './palette.ts'

/** If there are more rounds than this, only some have their numbers on the axis. */
const maxRoundNumbers = 12

export function drawTrials(chart: TrialsChart): string {
  const { lines, axis } = chart
  const last = Math.max(0, ...lines.flatMap(({ points }) => points.map(({ order }) => order)))
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
            gridY({ ticks: 4, ...gridStyle }),
            roundLines(chart),
            axisY({ ticks: 4, label: axis, ...verticalAxisStyle }),
            roundAxis(chart),
            ...trialMarks(chart),
          ],
        },
      },
    ],
  })
}

interface RoundSpan {
  readonly round: number
  /** The place of its first trial. */
  readonly from: number
  readonly middle: number
}

function roundsOf({ lines }: TrialsChart): readonly RoundSpan[] {
  const points = lines.flatMap((each) => each.points)
  return [...new Set(points.map(({ round }) => round))].map((round) => {
    const orders = points.filter((point) => point.round === round).map(({ order }) => order)
    const [first, last] = [Math.min(...orders), Math.max(...orders)]
    return { round, from: first, middle: (first + last) / 2 }
  })
}

/** Lines between the rounds. */
function roundLines(chart: TrialsChart): Markish {
  const borders = roundsOf(chart)
    .slice(1)
    .map(({ from }) => from - 0.5)
  return ruleX(borders, { stroke: themes.light.line })
}

/** The axis with the numbers of the rounds. */
function roundAxis(chart: TrialsChart): Markish {
  const rounds = roundsOf(chart)
  const step = Math.ceil(rounds.length / maxRoundNumbers)
  const numbered = rounds.filter((_, index) => index % step === 0)
  return axisX(
    numbered.map(({ middle }) => middle),
    {
      ...horizontalAxisStyle,
      label: chart.orderAxis,
      tickFormat: (_: number, index: number) => String(numbered[index]?.round ?? ''),
    },
  )
}

/** A point for each trial with its note, if it has one, and a line through the points of each config. */
function trialMarks({ lines }: TrialsChart): readonly Markish[] {
  const points = colouredPoints(lines)
  return [
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
      { x: 'order', y: 'value', text: 'note', dy: -16, fontSize: 14, fill: themes.light.text },
    ),
  ]
}
