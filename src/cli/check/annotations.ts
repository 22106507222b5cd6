/**
 * `exp check --format github`: prints an annotation for each finding and each unmet gate. An annotation is a line on
 * stdout that GitHub shows beside the changed lines of a pull request. Its values come from files of the pull request,
 * so they are escaped by GitHub's rules: no value can begin another command.
 */
import { relative, sep } from 'node:path'
import { isInside } from '../../files/read-files.ts'
import { hypothesisLine } from '../../notebook/project.ts'
import type { CheckResult } from './checked.ts'

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  /** Several lines are allowed. */
  readonly message: string
  /** Relative to the root of the git repository, with forward slashes. */
  readonly file?: string | undefined
  /** From 1. */
  readonly line?: number | undefined
  /** From 1. */
  readonly column?: number | undefined
}

/**
 * The annotations, findings first. A notebook without reports or gates gives a warning instead of an error, because a
 * pull request that begins a notebook has neither yet.
 * @param root the project's root, which holds the files that the annotations name
 * @param workspace the root of the git repository; GitHub expects file names relative to it
 */
export function annotationsOf(
  root: string,
  { findings, unmet, notes, nothingToCheck }: CheckResult,
  workspace = root,
): readonly Annotation[] {
  const folder = isInside(workspace, root) ? relative(workspace, root).split(sep).join('/') : ''
  const shown = (file: string): string => (folder === '' ? file : `${folder}/${file}`)
  return [
    ...findings.map(({ file, line, column, message, fix }): Annotation => {
      const text = `${message}\n${fix}`
      return { level: 'error', title: 'exp check', file: shown(file), line, column, message: text }
    }),
    ...unmet.map(({ file, hypothesis, message }): Annotation => {
      const line = hypothesisLine(root, file, hypothesis)
      return { level: 'error', title: 'exp check --gate', file: shown(file), line, message }
    }),
    ...notes.map(({ file, message }): Annotation => {
      return { level: 'notice', title: 'exp check', file: shown(file), message }
    }),
    ...(nothingToCheck === undefined
      ? []
      : [
          {
            level: 'warning' as const,
            title: 'exp check',
            message: [nothingToCheck.message, nothingToCheck.hint ?? ''].join('\n').trim(),
          },
        ]),
  ]
}

/** The annotation as one line, without a line end. */
export function annotationLine({ level, message, ...place }: Annotation): string {
  const { file, line, column, title } = place
  const properties = Object.entries({ file, line, col: column, title })
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${escapedProperty(String(value))}`],
    )
    .join(',')
  return `::${level} ${properties}::${escapedData(message)}`
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
