/** Finds parts of a rendered report by its structure and by the words of its locale, so that tests repeat no prose. */
import type { Locale } from '../../src/format/locales.generated.ts'
import { everyNode, parseMarkdown } from '../../src/markdown/markdown.ts'
import type { TemplateName } from '../../src/templates/templates.ts'
import { readWords, type Words } from '../../src/templates/words.ts'
import { shippedTemplates } from './templates.ts'

/** The words of the program's own templates. */
export function wordsOf(locale: Locale): Words {
  return readWords(shippedTemplates(locale), 'words')
}

/** The rows of a table, header first, as the plain texts of their cells. */
export type TableText = readonly (readonly string[])[]

export function tablesOf(report: string): readonly TableText[] {
  return [...everyNode(parseMarkdown(report))].flatMap((node) =>
    node.type === 'table'
      ? [
          node.children.map(({ children }) =>
            children.map((cell) =>
              [...everyNode(cell)].map((inner) => ('value' in inner ? inner.value : '')).join(''),
            ),
          ),
        ]
      : [],
  )
}

/** The first table whose header contains these cells. */
export function tableWithHeader(
  report: string,
  ...cells: readonly string[]
): TableText | undefined {
  return tablesOf(report).find(([header = []]) => cells.every((cell) => header.includes(cell)))
}

/** The heading line of a section, for example `## Reliability` for `reliability.hbs`. */
export function headingOf(locale: Locale, template: TemplateName): string {
  const [heading = ''] = shippedTemplate(locale, template).split('\n')
  return heading
}

/** The line of a template that is shown if a flag is set. */
export function lineIf(locale: Locale, template: TemplateName, flag: string): string {
  const [, line = ''] =
    new RegExp(`\\{\\{#if ${flag}\\}\\}\\n(.*)\\n`).exec(shippedTemplate(locale, template)) ?? []
  if (line === '') throw new Error(`${template} has no line for ${flag}`)
  return line
}

function shippedTemplate(locale: Locale, template: TemplateName): string {
  return shippedTemplates(locale).get(template)?.text ?? ''
}

/** What a reader sees without unfolding anything: the Markdown outside `<details>`. */
export function unfolded(report: string): string {
  return report.replaceAll(/<details>.*?<\/details>/gs, '')
}

/** The headings and summaries that nothing follows before the next one of the same or a higher level, or the end. */
export function emptySections(report: string): readonly string[] {
  const { children } = parseMarkdown(report)
  const headings = children.flatMap((node, index) => {
    const next = children[index + 1]
    const isEmpty =
      node.type === 'heading' &&
      (next === undefined || (next.type === 'heading' && next.depth <= node.depth))
    return isEmpty ? [report.slice(node.position?.start.offset, node.position?.end.offset)] : []
  })
  const folded = [...report.matchAll(/<summary>(.*)<\/summary>\s*<\/details>/g)]
  return [...headings, ...folded.map(([, summary = '']) => summary)]
}
