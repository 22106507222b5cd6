/**
 * The causes that are looked for, in the order in which they are given the milliseconds of a difference where two
 * of the same certainty want the same ones: first what a single field measures (loads, tokens, waiting, the way to
 * the server), then what computes (where, with how many threads, how many at once), then what merely differs.
 */
export const causes = [
  'cold-start',
  'keep-alive',
  'reload',
  'thinking',
  'cut-answers',
  'answer-length',
  'truncated',
  'cache',
  'slots',
  'client',
  'outside',
  'mac-container',
  'gpu-request',
  'cpu-only',
  'partial-offload',
  'emulation',
  'cpu-quota',
  'threads',
  'saturation',
  'swap',
  'model',
  'quantization',
  'context',
  'version',
  'decay',
  'overhead',
  'not-read',
  'not-applied',
  'cannot-act',
] as const
/** As `exp next ID CAUSE` takes it. */
export type Cause = (typeof causes)[number]
