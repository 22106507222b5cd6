/** Sentences about changes that gain at one end and lose at the other: sooner first tokens and slower decoding, or the reverse. */
import type { Change, Comparison, ConfigAnalysis } from '../analysis/analysis.ts'
import { configOf, type Context } from './context.ts'
import { factText } from './fact-text.ts'
import { percentage } from '../format/number.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { comparisonsOf } from './metric-table.ts'

export function tradeSentences(
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly Markdown[] {
  return comparisonsOf(members, context).flatMap((comparison) => sentence(comparison, context))
}

function sentence(comparison: Comparison, context: Context): readonly Markdown[] {
  const { words, labels } = context
  const { config, base, changes } = comparison
  const [firstToken, speed] = ['ttftMean', 'decodeSpeed'].map((id) => changes.get(id))
  if (!isClear(firstToken) || !isClear(speed) || firstToken.mark === speed.mark) return []
  const slots = [base, config].map((key) => factText('slots', configOf(context, key), words))
  const [from = '', to = ''] = slots
  const isShared = Number(to) > Number(from) && changes.get('wait')?.mark === 'better'
  const size = ({ value }: Valued) => percentage(Math.abs(value))
  return [
    words.markdown(firstToken.mark === 'better' ? 'trade.sooner' : 'trade.later', {
      config: labels.short(config),
      base: labels.short(base),
      from: isShared ? from : '',
      to: isShared ? to : '',
      firstToken: size(firstToken),
      speed: size(speed),
      noChange: isClear(changes.get('latencyMean')) ? '' : 'yes',
    }),
  ]
}

type Valued = Change & { readonly value: number }

/** True for a change that is better or worse beyond noise. */
function isClear(change: Change | undefined): change is Valued {
  return change?.value !== undefined && (change.mark === 'better' || change.mark === 'worse')
}
