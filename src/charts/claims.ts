/** Draws the hypotheses: the interval of each claim against its target and the noise floor (a forest plot). */
import { axisX, dot, link, rect, text, type Markish } from '@observablehq/plot'
import { drawCard, fontSize, innerWidth, type LegendEntry, type Panel } from './card.ts'
import type { ClaimColour, ClaimPanel, ClaimsChart, JudgedClaim, UnjudgedClaim } from './chart.ts'
import { horizontalAxisStyle } from './mark-styles.ts'
import { themes, verdictColours } from './palette.ts'
import { textLines } from './text-lines.ts'

const lineHeight = 23
const stripHeight = 34
const gap = 14
const axisHeight = 46
const statementRoom = { width: innerWidth, fontSize, maxLines: 2 }
const verdictRoom = { ...statementRoom, isBold: true }
/** A claim whose values span more than this multiple of the panel's smallest span gets another panel. */
const maxSpread = 12

export function drawClaims(chart: ClaimsChart): string {
  const panels = chart.panels.flatMap(byMagnitude)
  const hasFloor = panels.some(({ claims }) => claims.some(({ floor }) => floor !== undefined))
  return drawCard({
    ...chart,
    legend: panels.length === 0 ? [] : legendOf(chart, hasFloor),
    panels: [
      ...panels.map(claimsPanel),
      ...(chart.unjudged.length === 0 ? [] : [unjudgedPanel(chart.unjudged)]),
    ],
  })
}

const targetColour = '#0072b2'

function legendOf({ legend }: ClaimsChart, hasFloor: boolean): readonly LegendEntry[] {
  return [
    { label: legend.target, colour: targetColour, shape: 'band' },
    ...(hasFloor
      ? [{ label: legend.floor, colour: themes.light.muted, shape: 'band' as const }]
      : []),
  ]
}

/** Splits a panel if its claims differ so much in size that the smaller ones would be unreadable. */
function byMagnitude(panel: ClaimPanel): readonly ClaimPanel[] {
  const groups: JudgedClaim[][] = []
  const sizeOf = (claim: JudgedClaim) => {
    const values = valuesOf(claim, panel.neutral)
    return Math.max(...values) - Math.min(...values)
  }
  for (const claim of panel.claims.toSorted((a, b) => sizeOf(a) - sizeOf(b))) {
    const last = groups.at(-1)
    const [smallest] = last ?? []
    if (last && smallest && sizeOf(claim) <= maxSpread * sizeOf(smallest)) last.push(claim)
    else groups.push([claim])
  }
  return groups.map((group) => ({
    ...panel,
    claims: panel.claims.filter((claim) => group.includes(claim)),
  }))
}

/** All values that the row of a claim must show. */
function valuesOf(
  { measured, interval, target, floor }: JudgedClaim,
  neutral: number | undefined,
): readonly number[] {
  return [
    measured,
    interval?.low,
    interval?.high,
    target.low,
    target.high,
    floor?.low,
    floor?.high,
    neutral,
  ].filter((value) => value !== undefined)
}

interface Row extends JudgedClaim {
  readonly lines: readonly string[]
  readonly verdictLines: readonly string[]
  readonly top: number
  /** Where the strip with the interval begins. */
  readonly strip: number
}

function rowsOf(claims: readonly JudgedClaim[]): { rows: readonly Row[]; height: number } {
  let height = 0
  const rows = claims.map((claim) => {
    const lines = textLines(claim.statement, statementRoom)
    const verdictLines = textLines(claim.verdict, verdictRoom)
    const top = height
    const strip = top + (lines.length + verdictLines.length) * lineHeight + 2
    height = strip + stripHeight + gap
    return { ...claim, lines, verdictLines, top, strip }
  })
  return { rows, height }
}

function claimsPanel({ axis, neutral, claims }: ClaimPanel): Panel {
  const { rows, height } = rowsOf(claims)
  const values = rows.flatMap((row) => valuesOf(row, neutral))
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const margin = (most - least || Math.abs(most) || 1) * 0.08
  const domain = [least - margin, most + margin] as const
  return {
    options: {
      height: height + axisHeight,
      margin: 0,
      marginBottom: axisHeight,
      x: { domain: [...domain], label: null },
      y: { type: 'identity', axis: null },
      color: { type: 'identity' },
      marks: [
        bands(rows, domain),
        neutral === undefined
          ? null
          : link(rows, {
              x1: () => neutral,
              x2: () => neutral,
              y1: 'strip',
              y2: ({ strip }: Row) => strip + stripHeight,
              stroke: themes.light.muted,
            }),
        ...rows.flatMap((row) => intervalMarks(row)),
        axisX({ ticks: 5, label: axis, ...horizontalAxisStyle }),
        rows.flatMap(({ lines, verdictLines, colour, top }) =>
          rowTexts(lines, verdictLines, verdictColours[colour], top),
        ),
      ],
    },
  }
}

/** The target of each claim and its noise floor. */
function bands(rows: readonly Row[], [least, most]: readonly [number, number]): Markish {
  const targets = rows.map(({ target, strip }) => ({
    from: target.low ?? least,
    to: target.high ?? most,
    top: strip,
    bottom: strip + stripHeight,
  }))
  const floors = rows.flatMap(({ floor, strip }) =>
    floor === undefined
      ? []
      : [{ from: floor.low, to: floor.high, top: strip, bottom: strip + stripHeight }],
  )
  const edges = rows.flatMap(({ target, strip }) =>
    [target.low, target.high].flatMap((value) =>
      value === undefined ? [] : [{ value, top: strip, bottom: strip + stripHeight }],
    ),
  )
  const area = { x1: 'from', x2: 'to', y1: 'top', y2: 'bottom' }
  return [
    rect(targets, { ...area, fill: targetColour, fillOpacity: 0.18 }),
    rect(floors, { ...area, fill: themes.light.muted, fillOpacity: 0.25 }),
    link(edges, {
      x1: 'value',
      x2: 'value',
      y1: 'top',
      y2: 'bottom',
      stroke: targetColour,
      strokeWidth: 2,
    }),
  ]
}

/**
 * The interval as a line with the measured value as a mark: filled if decided, hollow if not; a square if it speaks
 * against the claim.
 */
function intervalMarks({ interval, measured, colour, strip }: Row): Markish[] {
  const y = strip + stripHeight / 2
  const stroke = verdictColours[colour]
  const isDecided = colour === 'for' || colour === 'against'
  return [
    interval === undefined
      ? null
      : link([interval], {
          x1: 'low',
          x2: 'high',
          y1: [y],
          y2: [y],
          stroke,
          strokeWidth: 4,
          strokeLinecap: 'round',
        }),
    dot([measured], {
      x: [measured],
      y: [y],
      r: 7,
      symbol: symbols[colour],
      stroke,
      strokeWidth: 2.5,
      fill: isDecided ? stroke : themes.light.card,
    }),
  ]
}

const symbols = {
  for: 'circle',
  'leans-for': 'circle',
  against: 'square',
  'leans-against': 'square',
  open: 'diamond',
} as const satisfies Readonly<Record<ClaimColour, string>>

function rowTexts(
  lines: readonly string[],
  verdictLines: readonly string[],
  colour: string,
  top: number,
): Markish[] {
  return [...lines, ...verdictLines].map((line, index) =>
    text([line], {
      frameAnchor: 'left',
      y: [top + index * lineHeight + lineHeight / 2],
      text: [line],
      textAnchor: 'start',
      fontSize,
      fontWeight: index >= lines.length ? 600 : 400,
      fill: index >= lines.length ? colour : themes.light.text,
    }),
  )
}

function unjudgedPanel(claims: readonly UnjudgedClaim[]): Panel {
  let height = 0
  const marks = claims.flatMap(({ statement, verdict }) => {
    const lines = textLines(statement, statementRoom)
    const reason = textLines(verdict, verdictRoom)
    const top = height
    height += (lines.length + reason.length) * lineHeight + gap
    return rowTexts(lines, reason, themes.light.muted, top)
  })
  return {
    options: {
      height,
      margin: 0,
      x: { type: 'linear', domain: [0, 1], axis: null },
      y: { type: 'identity', axis: null },
      marks,
    },
  }
}
