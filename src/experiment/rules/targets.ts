/** Rules for targets on other machines. */
import { quoted } from '../../errors/quote.ts'
import type { FileRule } from '../draft.ts'

/** A relative folder, or one in the user's home, would be read as a folder of this machine. */
export const foldersElsewhere: FileRule = ({ draft: { source, configs } }) =>
  [...configs].flatMap(([key, { target }]) => {
    if (typeof target !== 'object' || !('process' in target)) return []
    const { ssh, models } = target.process
    if (ssh === undefined || models === undefined || models.startsWith('/')) return []
    return [
      source.problem(['configs', key, 'target', 'process', 'models'], {
        code: 'wrong-value',
        message: `${quoted(models)} is relative, but the server runs on ${quoted(ssh)}`,
        hint: 'write the absolute path that the folder has on that machine',
      }),
    ]
  })
