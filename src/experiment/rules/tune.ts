/** Keys that a file with `tune` may not have. */
import { quoted } from '../../errors/quote.ts'
import type { FileRule } from '../draft.ts'

const decidedByRace = ['rounds', 'until', 'looks', 'budget', 'baseline'] as const

/** A race decides rounds and looks itself, and varies only settings of its base. */
export const tuning: FileRule = ({ draft: { source, top, grid, configKeys } }) => {
  if (!source.has(['tune'])) return []
  if (top.vary !== undefined)
    return [
      source.problem(
        ['tune'],
        {
          code: 'contradiction',
          message: 'a file has either `vary` or `tune`',
          hint: 'remove one: `vary` measures every combination equally often, `tune` races them',
        },
        'key',
      ),
    ]
  const racing = new Set([grid?.base, ...(grid?.cells ?? []).map(({ config }) => config)])
  const notRacing = grid === undefined ? [] : configKeys.filter((key) => !racing.has(key))
  return [
    ...decidedByRace
      .filter((key) => top[key] !== undefined)
      .map((key) =>
        source.problem(
          [key],
          {
            code: 'contradiction',
            message: `${quoted(key)} has no meaning with \`tune\``,
            hint:
              key === 'budget'
                ? 'write the time into `tune`: `budget: 45m`'
                : key === 'baseline'
                  ? 'remove it: the gain is always that over the base of `tune`'
                  : 'remove it: the race itself decides how often a config is measured',
          },
          'key',
        ),
      ),
    ...notRacing.map((key) =>
      source.problem(
        ['configs', key],
        {
          code: 'contradiction',
          message: `${quoted(key)} does not race: \`tune\` races the settings of ${quoted(grid?.base ?? '')}`,
          hint: 'remove it, or measure it in a file of its own',
        },
        'key',
      ),
    ),
  ]
}
