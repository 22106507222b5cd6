/** The links at the top of a report, and the command that repeats the measurement. */
import path from 'node:path'
import type { Experiment } from '../experiment/experiment.ts'
import { inline, inlineCode } from '../markdown/markdown.ts'
import type { LinksView } from './section-shapes.ts'
import type { Context } from './context.ts'

export function linksView({ experiment, analysis, locale, words }: Context): LinksView {
  const { locales, configs } = experiment
  const file = fileOf(experiment)
  const isMeasured = configs.some(({ kind }) => kind === 'measured')
  return {
    languages: locales
      .filter((each) => each !== locale)
      .map((each) => ({
        name: words.textById(`language.${each}`) ?? each,
        file: each === locales[0] ? 'README.md' : `README.${each}.md`,
      })),
    experiment: `../../${file}`,
    results: analysis.configs.some(({ trials }) => trials.length > 0),
    command: isMeasured ? inline(inlineCode(`exp run ${file}`)) : null,
  }
}

/** The experiment's file relative to the project's root, for commands. */
export function fileOf({ file }: Experiment): string {
  return `experiments/${path.posix.basename(file)}`
}
