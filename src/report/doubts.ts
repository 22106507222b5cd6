/** What speaks against a figure, as footnotes. */
import type { PhrasingContent } from 'mdast'
import type { Doubt, Figure } from '../analysis/figure.ts'
import { numberText } from './audits.ts'
import type { Context } from './context.ts'
import { asWritten } from '../format/number.ts'
import { Markdown } from '../markdown/markdown.ts'

/** References to a note each, in the order of the doubts. */
export function doubtNotes({ doubts }: Figure, context: Context): readonly PhrasingContent[] {
  return doubts.map((doubt) => context.footnotes.refer(doubtText(doubt, context)))
}

/** The wording is `doubt.<code>` of `words.yaml`, of an audit's finding with `audit.<id>` after it. */
export function doubtText({ code, details }: Doubt, { words }: Context): Markdown {
  const values = Object.fromEntries(
    Object.entries(details).map(([name, value]) => {
      if (typeof value !== 'number') return [name, value]
      return [name, code === 'audit' ? numberText(name, value) : asWritten(value)]
    }),
  )
  const note = words.about(`doubt.${code}`, {
    ...values,
    ...(details['checked'] === 0 ? { checked: '' } : {}),
  })
  if (code !== 'audit') return note
  const found = words.about(`audit.${String(details['audit'])}`, values)
  return new Markdown(note.source + found.source)
}
