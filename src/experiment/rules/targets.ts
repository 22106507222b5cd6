/** Rules for targets on other machines. */
import { quoted } from '../../errors/quote.ts'
import type { FileRule } from '../draft.ts'

/**
 * A folder on another machine has an absolute path. A relative path, or one that starts with `~`, would mean a folder
 * of this machine.
 */
export const remoteFolders: FileRule = ({ draft: { source, configs } }) =>
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
