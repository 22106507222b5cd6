/** What does not race, in one line each with the reason. */
import type { LeftOut } from '../../setup/tune-space.ts'
import type { TerminalWords } from '../terminal-words.ts'

export function leftOutLines(leftOut: readonly LeftOut[], words: TerminalWords): readonly string[] {
  return leftOut.map((each) => {
    const { setting } = each
    if (each.why === 'budget')
      return words.text('tune.leftOut.budget', {
        setting,
        values: each.values.join(','),
        combinations: each.combinations,
      })
    return words.text('tune.leftOut', { setting, reason: reasonText(each, words) })
  })
}

function reasonText(
  each: Exclude<LeftOut, { readonly why: 'budget' }>,
  words: TerminalWords,
): string {
  switch (each.why) {
    case 'unknownVersion':
    case 'oldVersion':
      return words.text(`tune.leftOut.${each.why}`, { since: each.since })
    case 'shortPrompts':
      return words.text('tune.leftOut.shortPrompts', { tokens: each.tokens, batch: each.batch })
    case 'longPrompts':
      return words.text('tune.leftOut.longPrompts', { tokens: each.tokens })
    default:
      return words.text(`tune.leftOut.${each.why}`)
  }
}
