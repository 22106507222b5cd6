/** `reports/README.md`: the notebook's index with one row per experiment, made from the newest locks only. */
import type { PhrasingContent } from 'mdast'
import type { Locale, Localized } from '../format/locale.ts'
import { locales } from '../format/locales.generated.ts'
import { text, type Cell } from '../markdown/markdown.ts'
import { tableSource } from '../markdown/table-source.ts'
import type { Lock } from './lock.ts'
import { commonLocale, overviewLine, overviewOf } from './overview.ts'

export const indexFile = 'reports/README.md'

/** @param newest the newest lock of each experiment that has a report */
export function indexPage(newest: readonly Lock[]): Buffer {
  const sorted = [...newest].sort((a, b) => (a.experiment < b.experiment ? -1 : 1))
  const locale = commonLocale(sorted.map((lock) => lock.locale))
  const ids = new Set(sorted.map((lock) => lock.experiment))
  const columns = columnsOf({
    verdicts: sorted.some(({ claims }) => Object.keys(claims).length > 0),
    follows: sorted.some(({ follows }) => follows !== undefined),
  })
  const rows = sorted.map((lock) => {
    const line = overviewLine(overviewOf(lock), locale)
    return columns.map((name): Cell => {
      if (name === 'title') return link(line.title, lock.experiment)
      const before = name === 'follows' ? (lock.follows?.experiment ?? '') : ''
      return ids.has(before) ? link(line.follows, before) : line[name]
    })
  })
  const header = columns.map((name) => headings[name][locale])
  const body = rows.length === 0 ? empty[locale] : tableSource(header, rows).source
  return Buffer.from(`${pageHead[locale]}\n${body}\n`)
}

/**
 * The lines of an index that people wrote, with their numbers: they must not be dropped silently.
 * Leaves out table rows and the conflict markers of a merge.
 */
export function handwrittenLines(
  page: string,
): readonly { readonly line: number; readonly text: string }[] {
  const known = new Set(
    locales.flatMap((locale) => [
      ...pageHead[locale].split('\n'),
      ...tableHeads(locale),
      empty[locale],
    ]),
  )
  return page
    .split(/\r?\n/)
    .map((text, index) => ({ line: index + 1, text }))
    .filter(({ text }) => !known.has(text) && !/^\| \[.*\]\(<?.+\/README\.md>?\) \|/.test(text))
    .filter(({ text }) => !/^(?:<{7}|\|{7}|={7}|>{7})(?: |$)/.test(text))
}

function tableHeads(locale: Locale): readonly string[] {
  const all = [true, false].flatMap((verdicts) =>
    [true, false].map((follows) => columnsOf({ verdicts, follows })),
  )
  return all.flatMap((columns) =>
    tableSource(
      columns.map((name) => headings[name][locale]),
      [],
    ).source.split('\n'),
  )
}

/** The columns that at least one experiment fills. */
function columnsOf({ verdicts, follows }: { verdicts: boolean; follows: boolean }) {
  return columnNames.filter(
    (name) => (verdicts || name !== 'verdicts') && (follows || name !== 'follows'),
  )
}

function link(title: string, id: string): readonly PhrasingContent[] {
  return [{ type: 'link', url: `${id}/README.md`, children: text(title) }]
}

const columnNames = [
  'title',
  'question',
  'answer',
  'verdicts',
  'version',
  'date',
  'state',
  'follows',
] as const
const headings: Record<(typeof columnNames)[number], Localized> = {
  title: { 'zh-CN': '实验', en: 'Experiment' },
  question: { 'zh-CN': '问题', en: 'Question' },
  answer: { 'zh-CN': '答案', en: 'Answer' },
  verdicts: { 'zh-CN': '结论', en: 'Verdicts' },
  version: { 'zh-CN': '版本', en: 'Version' },
  date: { 'zh-CN': '日期', en: 'Date' },
  state: { 'zh-CN': '状态', en: 'State' },
  follows: { 'zh-CN': '由来', en: 'Follows from' },
}
const empty: Localized = { 'zh-CN': '还没有报告。', en: 'No reports yet.' }
const pageHead: Localized = {
  'zh-CN':
    '# 实验记录本\n\n本页由 `exp report` 生成，每个实验一行；要写的话请写在各报告的实验者记录里。\n',
  en: '# Lab notebook\n\nMade by `exp report`, one row an experiment; words of your own belong in the notes of each report.\n',
}
