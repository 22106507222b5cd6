/**
 * The library: `import { openNotebook } from 'exp-notebook'`. Input: the folder of a project. Output: its experiments,
 * their results and verdicts, and the stored requests, as plain data. Reads only; `exp` measures and writes.
 */
import path from 'node:path'
import { findRoot, experimentId, experimentIds, readExperiment } from '../notebook/project.ts'
import { readResults } from '../notebook/stored-results.ts'
import { ResultStore } from '../results/store.ts'
import { experimentData, resultsData, trialData } from './published-data.ts'
import type { Experiment, Results, Trial } from './published-types.ts'

export type {
  Change,
  Config,
  ConfigResults,
  Experiment,
  Figure,
  Interval,
  Request,
  Results,
  Trial,
  Unit,
  Verdict,
} from './published-types.ts'

/**
 * Opens the notebook of a project.
 * @param folder a folder of the project; the nearest one, it or a folder above it, that holds `experiments` is the root
 */
export function openNotebook(folder: string = process.cwd()): Notebook {
  return new Notebook(findRoot(folder))
}

export class Notebook {
  /** The folder that holds `experiments` and `reports`, absolute. */
  readonly root: string

  constructor(root: string) {
    this.root = root
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
    return experimentData(this.#read(name))
  }

  /** The figures, changes and verdicts of the stored results that the experiment's report uses. */
  async results(name: string): Promise<Results> {
    const experiment = this.#read(name)
    const { analysis } = await readResults(experiment, this.#storeOf(experiment.id))
    return resultsData(experiment, analysis)
  }

  /** The stored trials with their requests, sorted by file; of all runs, those excluded from the report too. */
  async *trials(name: string): AsyncGenerator<Trial> {
    const store = this.#storeOf(experimentId(this.root, name))
    for (const { file } of await store.list()) yield trialData(await store.read(file))
  }

  #read(name: string) {
    return readExperiment(this.root, experimentId(this.root, name))
  }

  #storeOf(id: string): ResultStore {
    return new ResultStore(path.join(this.root, 'reports', id), undefined, this.root)
  }
}
