/**
 * The library: `import { openNotebook } from 'exp-notebook'`. Input: the folder of a project. Output: its experiments,
 * their results and verdicts, and the stored requests, as plain data. Reads only; `exp` measures and writes.
 */
import path from 'node:path'
import { localised } from '../analysis/analysis-texts.ts'
import { ExpError } from '../errors/exp-error.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import type { Experiment as ReadExperiment } from '../experiment/experiment.ts'
import { inLocale } from '../experiment/in-locale.ts'
import { type Locale, locales } from '../format/locales.generated.ts'
import { findRoot, experimentId, experimentIds, readExperiment } from '../notebook/project.ts'
import { readResults } from '../notebook/stored-results.ts'
import { ResultStore } from '../results/store.ts'
import { experimentData, resultsData, trialData } from './published-data.ts'
import type { Experiment, NotebookOptions, Results, Trial } from './published-types.ts'

export type {
  Change,
  Config,
  ConfigResults,
  Experiment,
  Figure,
  Interval,
  NotebookOptions,
  Race,
  Request,
  Results,
  Trial,
  Unit,
  Verdict,
} from './published-types.ts'

/**
 * Opens the notebook of a project.
 * @param folder any folder of the project. Its root is the folder itself or the nearest one above it that holds
 *   `experiments`
 * @throws an error with a `hint` if the options name an unknown language
 */
export function openNotebook(
  folder: string = process.cwd(),
  options: NotebookOptions = {},
): Notebook {
  return new Notebook(findRoot(folder), options)
}

export class Notebook {
  /** The folder that holds `experiments` and `reports`, absolute. */
  readonly root: string

  readonly #locale: Locale | undefined

  constructor(root: string, { locale }: NotebookOptions = {}) {
    this.root = root
    this.#locale = locale === undefined ? undefined : knownLocale(locale)
  }

  /** The ids of all experiments, sorted. */
  ids(): readonly string[] {
    return experimentIds(this.root)
  }

  /**
   * Reads an experiment's file.
   * @param name its id, or the path of its file
   * @throws an error with a `hint` if it does not exist or is invalid
   */
  experiment(name: string): Experiment {
    const experiment = this.#read(name)
    return experimentData(inLocale(experiment, this.#localeOf(experiment)))
  }

  /** The figures, changes and verdicts of the stored results that the experiment's report uses. */
  async results(name: string): Promise<Results> {
    const { id } = this.#read(name)
    const { analysis, experiment } = await readResults(this.#read(name), this.#storeOf(id))
    const shown = localised(experiment, analysis, this.#localeOf(experiment))
    return resultsData(shown.experiment, shown.analysis)
  }

  /** The stored trials with their requests, sorted by file; of all runs, including those excluded from the report. */
  async *trials(name: string): AsyncGenerator<Trial> {
    const store = this.#storeOf(experimentId(this.root, name))
    for (const { file } of await store.list()) yield trialData(await store.read(file))
  }

  #read(name: string) {
    return readExperiment(this.root, experimentId(this.root, name))
  }

  #localeOf({ locales: [first] }: ReadExperiment): Locale {
    return this.#locale ?? first
  }

  #storeOf(id: string): ResultStore {
    return new ResultStore(path.join(this.root, 'reports', id), undefined, this.root)
  }
}

function knownLocale(text: string): Locale {
  const known = locales.find((locale) => locale === text)
  if (known !== undefined) return known
  throw new ExpError(
    'invalid-input',
    `\`${text}\` is not a language of exp`,
    didYouMean(text, locales),
  )
}
