/**
 * Words for the reasons why this machine could not read memory or energy. Records store such a reason as the English
 * text of the program that tried; a text that is not known here is shown as it is.
 */
import type { WordId, Words } from '../templates/words.ts'

type ReasonWord = WordId & `notSampled.${string}`

/** A pattern for each known reason. Its named groups are the values of the word. */
const reasons: readonly (readonly [RegExp, ReasonWord])[] = [
  [/^`(?<program>[^`]+)` is not installed$/, 'notSampled.not-installed'],
  [/^`(?<program>[^`]+)` did not answer within (?<seconds>[\d.]+) s$/, 'notSampled.no-answer'],
  [/^`(?<program>[^`]+)` failed: (?<detail>.*)$/s, 'notSampled.program-failed'],
  [/^the server had ended$/, 'notSampled.server-ended'],
  [/^`(?<program>[^`]+)` lists no processes$/, 'notSampled.no-processes'],
  [
    /^`(?<program>[^`]+)` does not say how much memory each process holds$/,
    'notSampled.no-memory-by-process',
  ],
  [/^the processor shows no energy counter$/, 'notSampled.no-counter'],
  [/^only root may read the energy counters of the processor;/, 'notSampled.counter-of-root'],
  [/^a GPU does not (?:tell|report its power to) `(?<program>[^`]+)`/, 'notSampled.no-gpu-power'],
  [/^`powermetrics` needs root:/, 'notSampled.powermetrics-root'],
  [/^the file of `powermetrics` contains no power$/, 'notSampled.powermetrics-empty'],
  [/^`powermetrics` has written no new sample$/, 'notSampled.powermetrics-old'],
  [
    /^the file of `powermetrics` cannot be read: (?<detail>.*)$/s,
    'notSampled.powermetrics-unreadable',
  ],
]

/** @param stored the reason in the record */
export function notSampledText(stored: string, words: Words): string {
  for (const [pattern, id] of reasons) {
    const found = pattern.exec(stored)
    if (found !== null) return words.textById(id, found.groups) ?? stored
  }
  return stored
}
