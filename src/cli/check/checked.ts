/** What `exp check` found: the findings of the notebook, and the gates that are not met. */
import type { ExpError } from '../../errors/exp-error.ts'
import type { Locale } from '../../format/locales.generated.ts'
import type { CheckedNotebook } from '../../notebook/check.ts'
import { noReportYet } from '../../notebook/project.ts'
import type { Notebook } from '../../notebook/notebook.ts'
import { nothingGated, unmetGateMessages } from '../gate.ts'
import type { TerminalWords } from '../terminal-words.ts'

export interface CheckResult extends CheckedNotebook {
  /** The gated hypotheses that are not supported; empty unless `--gate` asks for them. */
  readonly unmet: readonly CheckedGate[]
  /** What the check could not compare. A note is not a finding. */
  readonly notes: readonly CheckNote[]
  /** Present if there was nothing to check: there is no report or, with `--gate`, no gated hypothesis. */
  readonly nothingToCheck?: ExpError
}

export interface CheckNote {
  /** The experiment's file, relative to the project's root. */
  readonly file: string
  readonly message: string
}

export interface CheckedGate {
  /** The experiment's file, relative to the project's root. */
  readonly file: string
  readonly hypothesis: string
  readonly message: string
}

interface CheckOptions {
  /** The language of the gates' statements. */
  readonly locale: Locale
  /** True to require that every gated hypothesis is supported. */
  readonly gate: boolean
  /** True to draw every chart again. */
  readonly redraw: boolean
}

/**
 * Checks the notebook.
 * @param names ids or file names; empty for all experiments
 */
export async function checkNotebook(
  notebook: Notebook,
  names: readonly string[],
  { gate, redraw, locale }: CheckOptions,
  words: TerminalWords,
): Promise<CheckResult> {
  const ids = names.map((name) => notebook.id(name))
  const { findings, reports, bugs } = await notebook.check(
    ids.length === 0 ? undefined : ids,
    redraw,
    locale,
  )
  const isEmpty =
    reports.length + bugs.length === 0 && findings.every(({ code }) => code === 'missing')
  if (ids.length === 0 && isEmpty)
    return {
      findings: [],
      reports,
      bugs,
      notes: [],
      unmet: [],
      nothingToCheck: noReportYet(notebook.root, 'findings'),
    }
  const isGated = reports.some(({ analysis }) =>
    analysis.hypotheses.some(({ hypothesis }) => hypothesis.gate),
  )
  const unmet = reports.flatMap(({ file, analysis }) =>
    unmetGateMessages(analysis, words).map((one) => ({ file, ...one })),
  )
  const notes = reports.flatMap(({ file, missingDataset, pruned }) => [
    ...(missingDataset === undefined
      ? []
      : [{ file, message: words.text('check.uncompared', { file, dataset: missingDataset }) }]),
    ...(pruned.length === 0
      ? []
      : [
          {
            file,
            message: words.text('check.pruned', {
              file,
              versions: pruned.join(', '),
            }),
          },
        ]),
  ])
  return {
    findings,
    reports,
    bugs,
    notes,
    unmet: gate ? unmet : [],
    ...(gate && !isGated && { nothingToCheck: nothingGated() }),
  }
}
