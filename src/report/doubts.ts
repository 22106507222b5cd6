/** What speaks against a figure, as footnotes. */
import type { PhrasingContent } from 'mdast'
import type { Doubt, Figure } from '../analysis/figure.ts'
import type { Context } from './context.ts'
import { asWritten } from './format.ts'
import type { Markdown } from './markdown.ts'

/** References to a note each, in the order of the doubts. */
export function doubtNotes({ doubts }: Figure, context: Context): readonly PhrasingContent[] {
  return doubts.map((doubt) => context.footnotes.refer(doubtText(doubt, context)))
}

/** The wording is `doubt.<code>` of `words.yaml`. */
export function doubtText({ code, details }: Doubt, { words }: Context): Markdown {
  const values = Object.entries(details).map(([name, value]) => [
    name,
    typeof value === 'number' ? asWritten(value) : value,
  ])
  return words.about(
    `doubt.${code}`,
    Object.fromEntries(values) as Readonly<Record<string, string>>,
  )
}
