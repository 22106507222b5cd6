/** The legend and the points of charts that have one line per config, each in the colour of its config. */
import type { LegendEntry } from './card.ts'
import { configColour } from './palette.ts'

interface ConfigLine<Point> {
  readonly label: string
  readonly config: number
  readonly points: readonly Point[]
}

export function lineLegend(
  lines: readonly Pick<ConfigLine<unknown>, 'label' | 'config'>[],
): readonly LegendEntry[] {
  return lines.map(({ label, config }) => ({ label, colour: configColour(config), shape: 'line' }))
}

export function colouredPoints<Point extends object>(
  lines: readonly Pick<ConfigLine<Point>, 'config' | 'points'>[],
): readonly (Point & { readonly config: number; readonly colour: string })[] {
  return lines.flatMap(({ config, points }) =>
    points.map((point) => ({ ...point, config, colour: configColour(config) })),
  )
}
