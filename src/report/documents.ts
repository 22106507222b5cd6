/** What figures out of documents rest on: how many samples, under how many users, as far as the documents say. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Context } from './context.ts'
import { integer } from '../format/number.ts'
import type { ReliabilityView } from './view.ts'

/** Means of samples so many times more are not to be trusted alike. */
const uneven = 10

/** Null without a config out of a document. */
export function documentsView(context: Context): ReliabilityView['documents'] {
  const members = context.analysis.configs.filter(({ state }) => state === 'recorded')
  if (members.length === 0) return null
  const { labels, words } = context
  const names = members.map(({ config }) => labels.full(config.key))
  return {
    configs: names.join(words.say('join.list')),
    samples: samplesView(members, context),
    users: usersText(members, context),
  }
}

/** Null where no two documents' counts are uneven. */
function samplesView(members: readonly ConfigAnalysis[], context: Context) {
  const counts = members.flatMap((member) => samplesOf(member) ?? [])
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)]
  if (counts.length < 2 || most < fewest * uneven) return null
  return {
    counts: eachOf(members, samplesOf, context),
    fewest: integer(fewest),
    most: integer(most),
  }
}

/** Null where all say the same, or none says anything. */
function usersText(members: readonly ConfigAnalysis[], context: Context): string | null {
  const users = ({ figures }: ConfigAnalysis): number | undefined => figures.get('users')?.value
  const distinct = new Set(members.map(users))
  return distinct.size < 2 ? null : eachOf(members, users, context)
}

/** Requests, else what a share was counted over. */
function samplesOf({ figures }: ConfigAnalysis): number | undefined {
  return figures.get('requests')?.value ?? figures.get('okRate')?.counts?.whole
}

function eachOf(
  members: readonly ConfigAnalysis[],
  valueOf: (member: ConfigAnalysis) => number | undefined,
  { labels, words }: Context,
): string {
  return members
    .map((member) => {
      const value = valueOf(member)
      return words.say('join.about', {
        name: labels.full(member.config.key),
        value: value === undefined ? words.say('absence.not-recorded') : integer(value),
      })
    })
    .join(words.say('join.list'))
}
