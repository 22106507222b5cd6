/** The index of a notebook as a page: a table of its experiments that can be sorted and searched. */
import type { Element, ElementContent, Root } from 'hast'
import { h } from 'hastscript'
import type { Locale } from '../format/locales.generated.ts'
import { overviewLine, type Overview } from '../notebook/overview.ts'
import { verdictIcon, type NotebookWords } from '../notebook/template-files.ts'
import type { PageWords } from './report-body.ts'
import { prepareTables } from './tables.ts'

/** An experiment of the index. */
export interface IndexEntry {
  readonly overview: Overview
  /** The address of its report, from the index; absent if it has none. */
  readonly address?: string
}

const columns = ['title', 'question', 'answer', 'verdicts', 'version', 'date', 'state'] as const
type Column = (typeof columns)[number]
/** The columns whose texts are in the experiment's language, even if the index is in another one. */
const experimentTexts: ReadonlySet<Column> = new Set(['title', 'question', 'answer'])

export function indexMain(
  entries: readonly IndexEntry[],
  locale: Locale,
  words: PageWords,
  notebookWords: NotebookWords,
): readonly ElementContent[] {
  const title = h('h1', words.text('notebook'))
  if (entries.length === 0) return [title, h('p', words.text('empty'))]
  const rows = entries.map((entry) => indexRow(entry, locale, notebookWords))
  const header = columns.map((name) =>
    h('th', { role: 'columnheader' }, notebookWords.text(`column.${name}`)),
  )
  // On a narrow screen the style makes blocks of rows and cells; the roles keep it a table for screen
  // readers.
  const table = h('table', { role: 'table' }, [
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, header)),
    h('tbody', { role: 'rowgroup' }, rows),
  ])
  const root: Root = { type: 'root', children: [table] }
  prepareTables(root, () => words.text('notebook'))
  return [title, searchForm(words), h('div', { className: 'index' }, root.children)]
}

/** The search form. It is hidden until the script, which does the search, shows it. */
function searchForm(words: PageWords): Element {
  const pattern = words.text('searchCount')
  return h('form', { className: 'search', role: 'search', hidden: true }, [
    h('input', {
      type: 'search',
      ariaLabel: words.text('search'),
      placeholder: words.text('search'),
    }),
    h('output', { dataPattern: pattern, ariaLive: 'polite' }),
  ])
}

function indexRow(
  { overview, address }: IndexEntry,
  locale: Locale,
  words: NotebookWords,
): Element {
  const line = overviewLine(overview, words)
  const isOther = overview.locale !== locale
  const cells = columns.map((name) => {
    const text = line[name]
    const isOwnText = experimentTexts.has(name) && !(name === 'answer' && overview.standIn)
    const properties = {
      role: 'cell',
      className: name,
      ...(isOther && isOwnText && { lang: overview.locale }),
    }
    if (name === 'verdicts') return h('td', properties, verdictsOf(overview, words))
    const isLink = name === 'title' && address !== undefined
    return h('td', properties, isLink ? h('a', { href: address }, text) : text)
  })
  return h('tr', { role: 'row', dataWords: overview.id }, cells)
}

/** The verdicts, each in an element that does not wrap. */
function verdictsOf({ verdicts }: Overview, words: NotebookWords): ElementContent[] {
  return Object.entries(verdicts).flatMap(([id, verdict], index) => [
    ...(index === 0 ? [] : [{ type: 'text' as const, value: ' ' }]),
    h('span', `${id} ${verdictIcon(verdict, words)}`),
  ])
}
