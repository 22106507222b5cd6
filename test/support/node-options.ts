/** The options with which the command `exp` starts Node: those in the first line of its program. */
import { readFileSync } from 'node:fs'

const [firstLine = ''] = readFileSync(
  new URL('../../src/cli/main.ts', import.meta.url),
  'utf8',
).split('\n')

export const nodeOptions: readonly string[] = firstLine
  .split(' ')
  .filter((word) => word.startsWith('--'))
