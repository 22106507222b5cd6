/**
 * The colours of charts. They come from the palette of Okabe and Ito, whose colours people with any kind of colour
 * blindness can distinguish. Some are darkened, so that each has a contrast of 3 against a white and a dark card.
 */

/** The colours of the card and of texts. `darkStyle` replaces the light ones if the reader prefers dark. */
export const themes = {
  light: { card: '#ffffff', text: '#1f2328', muted: '#59636e', line: '#d1d9e0' },
  dark: { card: '#0d1117', text: '#f0f6fc', muted: '#9ea7b3', line: '#3d444d' },
} as const

/** For the parts of latency: waiting, loading, prefill, decode, and the time outside the server. */
const partColours = ['#d55e00', '#b8629a', '#009e73', '#0072b2', '#7d8590'] as const

/** The colour of a part of latency, by its place in the catalogue. */
export function partColour(index: number): string {
  return partColours[index % partColours.length] ?? partColours[0]
}

const configColours = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#b8629a',
  '#9a7400',
  '#5c8fd6',
  '#7d8590',
] as const

/** The colour of a config in all charts of a report. */
export function configColour(index: number): string {
  return configColours[index % configColours.length] ?? configColours[0]
}

export const verdictColours = {
  for: '#009e73',
  'leans-for': '#009e73',
  against: '#d55e00',
  'leans-against': '#d55e00',
  open: '#7d8590',
} as const
