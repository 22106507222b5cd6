/** Colours for one output. */
import colors from 'yoctocolors'
import type { Io, Output } from './io.ts'

type Paint = (text: string) => string
export type Palette = Readonly<Record<'red' | 'green' | 'yellow' | 'bold' | 'dim', Paint>>

const unchanged: Paint = (text) => text
const noColours: Palette = {
  red: unchanged,
  green: unchanged,
  yellow: unchanged,
  bold: unchanged,
  dim: unchanged,
}

/** Returns functions that colour a text, or leave it unchanged if the output shows no colours. */
export function paint(output: Output, env: Io['env']): Palette {
  return showsColours(output, env) ? colors : noColours
}

/** True for a terminal, unless `NO_COLOR` is set. */
function showsColours(output: Output, env: Io['env']): boolean {
  return output.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}
