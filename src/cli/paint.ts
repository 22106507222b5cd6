/** Colours for one output; plain text where it shows none. */
import { showsColour, type Io, type Output } from './io.ts'

type Paint = (text: string) => string
export type Palette = Readonly<Record<'red' | 'green' | 'yellow' | 'bold' | 'dim', Paint>>

export function paint(output: Output, env: Io['env']): Palette {
  const colour = showsColour(output, env)
  const style = (open: number, close: number): Paint =>
    colour ? (text) => `\u001b[${open}m${text}\u001b[${close}m` : (text) => text
  return {
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    bold: style(1, 22),
    dim: style(2, 22),
  }
}
