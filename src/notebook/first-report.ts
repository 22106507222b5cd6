/** What to run in a notebook that has no report yet. */
import { ExpError, type ErrorCode } from '../errors/exp-error.ts'
import { experimentFile, experimentIds, parseExperimentFile } from './project.ts'

/** The error of a command that needs a report; its hint is a command that writes the first one. */
export function noReportYet(root: string, code: ErrorCode): ExpError {
  return new ExpError(code, 'there is no report yet', firstCommand(root))
}

function firstCommand(root: string): string {
  const files = experimentIds(root).map((id) => experimentFile(root, id))
  for (const file of files) {
    const { experiment } = parseExperimentFile(root, file)
    if (experiment === undefined) continue
    return experiment.configs.some(({ kind }) => kind === 'measured')
      ? `\`exp run ${file}\` measures and writes the first one`
      : `\`exp report ${experiment.id}\` writes the first one, from the figures in its file`
  }
  const [invalid] = files
  return invalid === undefined
    ? '`exp init NAME` writes an experiment to start from'
    : `no experiment is valid; \`exp validate ${invalid}\` shows why`
}
