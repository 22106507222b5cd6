/**
 * The summary of a pull request as Markdown: verdicts first, then what changed against the base branch, then the check.
 * It fits into a comment of GitHub, which holds 65,536 characters.
 */
import type { Commit } from '../../files/git-files.ts'
import { block, escapeMarkdown, inlineCode, table, type Cell } from '../../markdown/markdown.ts'
import type { ChangesSince } from '../../notebook/changes-since.ts'
import type { CheckFinding } from '../../notebook/findings.ts'
import type { Locale } from '../../format/locales.generated.ts'
import type { Lock } from '../../notebook/lock.ts'
import type { Notebook } from '../../notebook/notebook.ts'
import { commonLocale, overviewLine, overviewOf } from '../../notebook/overview.ts'
import type { NotebookWords } from '../../notebook/template-files.ts'
import { changeText } from '../diff-command.ts'
import type { CheckResult } from './checked.ts'

/** In UTF-16 code units. The words around these parts take the rest of a comment. */
const limits = { verdicts: 20_000, changes: 20_000, check: 15_000 }

/**
 * @param commit the base branch; without it, the summary does not say what changed
 * @param lang the language; by default that of most reports
 */
export async function summaryText(
  notebook: Notebook,
  checked: CheckResult,
  commit?: Commit,
  lang?: Locale,
): Promise<string> {
  const locale = lang ?? commonLocale(checked.reports.map(({ lock }) => lock.locale))
  const words = notebook.words(locale)
  const changes =
    commit === undefined
      ? []
      : changeLines(commit, await notebook.changesSince(commit, undefined, locale), notebook, words)
  const locks = checked.reports.map(({ lock }) => notebook.inLocale(lock, locale))
  const parts = [...verdictLines(locks, words), ...changes, ...checkLines(checked, words)]
  return `${parts.join('\n\n')}\n`
}

function verdictLines(locks: readonly Lock[], words: NotebookWords): readonly string[] {
  if (locks.length === 0) return [heading(words.text('index.title')), words.text('index.empty')]
  const rows = locks.map((lock): readonly Cell[] => {
    const { title, verdicts, answer, version, state } = overviewLine(overviewOf(lock), words)
    return [inlineCode(lock.experiment), title, verdicts, answer, `${version} ${state}`]
  })
  const names = (['title', 'verdicts', 'answer', 'state'] as const).map((name) =>
    words.text(`column.${name}`),
  )
  const header = ['', ...names]
  const { shown, omitted } = fitting(rows, (row) => tableText(header, [row]), limits.verdicts)
  return [
    heading(words.text('index.title')),
    tableText(header, shown),
    ...omittedLines(omitted, '`exp list`', words),
  ]
}

function changeLines(
  { ref }: Commit,
  { changes, failures }: ChangesSince,
  notebook: Notebook,
  words: NotebookWords,
): readonly string[] {
  const texts = [
    ...changes.map((change) => changeText(change, 'md', notebook).trimEnd()),
    ...failures.map(({ message }) => `❌ ${escapeMarkdown(message)}`),
  ]
  if (texts.length === 0) return [escapeMarkdown(words.text('summary.unchanged', { ref }))]
  const { shown, omitted } = fitting(texts, String, limits.changes)
  return [...shown, ...omittedLines(omitted, '`exp diff --against REF`', words)]
}

function checkLines(
  { findings, unmet, notes, nothingToCheck, reports }: CheckResult,
  words: NotebookWords,
): readonly string[] {
  const title = heading(words.text('summary.check'))
  const problems = [
    ...findings.map((finding) => findingLine(finding)),
    ...unmet.map(({ message }) => `- ❌ ${escapeMarkdown(message)}`),
    ...(nothingToCheck === undefined ? [] : [`- ⚠️ ${escapeMarkdown(nothingToCheck.message)}`]),
  ]
  const noted = notes.map(({ message }) => `- ${escapeMarkdown(message)}`)
  if (problems.length === 0)
    return [
      title,
      `✅ ${words.text('summary.passed', { reports: reports.length })}`,
      ...(noted.length === 0 ? [] : [noted.join('\n')]),
    ]
  const { shown, omitted } = fitting([...problems, ...noted], String, limits.check)
  return [title, shown.join('\n'), ...omittedLines(omitted, '`exp check`', words)]
}

function findingLine({ message, fix }: CheckFinding): string {
  return `- ❌ ${escapeMarkdown(message)}: ${escapeMarkdown(fix)}`
}

function heading(text: string): string {
  return `## ${escapeMarkdown(text)}`
}

function tableText(header: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  return block(table(header, rows)).source
}

function omittedLines(count: number, command: string, words: NotebookWords): readonly string[] {
  return count === 0 ? [] : [`… ${words.text('summary.left', { count, command })}`]
}

/** The first items that together have at most `limit` characters, and the number of omitted items. */
function fitting<Item>(
  items: readonly Item[],
  textOf: (item: Item) => string,
  limit: number,
): { readonly shown: readonly Item[]; readonly omitted: number } {
  let length = 0
  const over = items.findIndex((item) => (length += textOf(item).length + 2) > limit)
  const shown = over === -1 ? items : items.slice(0, over)
  return { shown, omitted: items.length - shown.length }
}
