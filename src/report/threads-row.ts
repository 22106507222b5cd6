/** The row of threads in the table of differing settings: how many each config uses, and how many it asked for. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Context } from './context.ts'
import { factText, sourcesOf } from './fact-text.ts'
import { strong } from '../markdown/markdown.ts'
import { factCell, missingCell, type FactRow, type SettingRow } from './setting-cells.ts'

/** The variables by which people ask for threads, although no server reads them. */
export const threadVariables: readonly string[] = ['OLLAMA_NUM_THREADS', 'OLLAMA_NUM_THREAD']

/** Empty if all configs use the same number of threads, and none asked for another one. */
export function threadsRow(
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly FactRow[] {
  const { words } = context
  const used = members.map((member) => factText('threads', member, words))
  const asked = members.map(askedThreads)
  const isKnown = used.some((value) => value !== undefined)
  const known = used.map((value, index) => value ?? asked[index])
  const distinct = new Set(known.filter((value) => value !== undefined))
  const isOther = asked.some((value, index) => value !== undefined && value !== used[index])
  if (distinct.size < 2 && !isOther) return []
  const cells = members.map((member, index) => {
    const [value, wanted] = [used[index], asked[index]]
    if (value === undefined && wanted === undefined) return missingCell(member, context)
    if (value === undefined)
      return isKnown ? words.text('setting.requested', { value: wanted ?? '' }) : (wanted ?? '')
    const cell = factCell('threads', member, context)
    return wanted === undefined || wanted === value
      ? cell
      : words.text('setting.asked', { value: cell, asked: wanted })
  })
  const row: SettingRow = {
    head: strong(words.text('fact.threads')),
    name: words.text('fact.threads'),
    cells,
    isRequested: used.some((value, index) => value === undefined && asked[index] !== undefined),
    sources: members.flatMap((member) => sourcesOf('threads', member)),
  }
  return [{ id: 'threads', row }]
}

/** The request option, which the server reads, or the variable. */
function askedThreads({ config }: ConfigAnalysis): string | undefined {
  const option = config.options['num_thread']
  if (typeof option === 'number') return String(option)
  return threadVariables.map((name) => config.env[name]).find((value) => value !== undefined)
}
