/** The look of axes, grids, intervals and bounds, which is the same in all charts. */
import { themes } from './palette.ts'

export const gridStyle = { stroke: themes.light.line, strokeOpacity: 1 } as const

/** A horizontal axis, with its label below its left end. */
export const horizontalAxisStyle = {
  labelAnchor: 'left',
  labelArrow: 'none',
  tickSize: 4,
} as const

/** A vertical axis, with its label above it. */
export const verticalAxisStyle = {
  labelAnchor: 'top',
  labelArrow: 'none',
  tickSize: 0,
} as const

/** The interval of a figure, in the colour of its config. */
export const intervalStyle = {
  stroke: 'colour',
  strokeWidth: 3,
  strokeOpacity: 0.5,
} as const

/** A value that a figure must not cross. */
export const boundStyle = {
  stroke: themes.light.muted,
  strokeWidth: 2,
  strokeDasharray: '6,4',
} as const
