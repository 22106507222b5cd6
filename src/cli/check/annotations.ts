/** `exp check --format github`: an annotation for each finding and each gate, for a pull request on GitHub. */
import { relative, sep } from 'node:path'
import { isInside } from '../../files/read-files.ts'
import { hypothesisLine } from '../../notebook/hypothesis-line.ts'
import type { Checked } from './checked.ts'
import type { Annotation } from './github-annotation.ts'

/**
 * The annotations, findings first. A notebook without reports or without gates gives a warning, and its check passes:
 * a pull request that begins a notebook has neither yet.
 * @param root the project's root, which holds the files that the annotations name
 * @param workspace the root of the git repository, to which GitHub relates the names of files
 */
export function annotationsOf(
  root: string,
  { findings, unmet, notes, nothing }: Checked,
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
    ...(nothing === undefined
      ? []
      : [
          {
            level: 'warning' as const,
            title: 'exp check',
            message: [nothing.message, nothing.hint ?? ''].join('\n').trim(),
          },
        ]),
  ]
}
