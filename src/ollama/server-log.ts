/**
 * The facts that a server's log shows about the server and about the model that is measured. Pure: takes the text of
 * the log.
 */
import { limits } from '../errors/limits.ts'
import type { FactId } from '../results/facts.ts'
import { readLogLine, type LogEvents, type LogFacts } from './log-lines.ts'
import { contextOf, fileName, newRunner, type Runner } from './runner-command.ts'

/** The facts that the log of a server shows once the server has loaded a model. */
export const logFactIds = [
  'serverConfig',
  'computeDevice',
  'slots',
  'contextTotal',
  'batchSize',
  'threads',
  'flashAttention',
  'kvCacheType',
  'layersOffloaded',
  'layersTotal',
  'runnerCommand',
] as const satisfies readonly FactId[]

/**
 * Reads lines in order and keeps only the facts, so that memory does not grow with the log. A server may load several
 * models; facts are those of the measured one.
 */
export class ServerLog implements LogEvents {
  #server: LogFacts = {}
  /** The last runner of each model file. */
  readonly #runners = new Map<string, Runner>()
  /** The runner that was started last. Lines that runners log are about it. */
  #latest: Runner | undefined
  /** The runner that starts next. The server logs facts about it beforehand. */
  #upcoming: Runner = newRunner()
  #measuredFile: string | undefined
  /**
   * The files of the other models that the trial requests. May include that of the measured one, because a server that
   * exp started gives the files of all models it has loaded.
   */
  #otherRequestedFiles: ReadonlySet<string | undefined> = new Set()
  /** The context per slot of the measured model when counting starts. */
  #trialContext: number | undefined
  /** The context per slot after a reload of the measured model; undefined if no reload changed it. */
  #contextAfterReload: number | undefined
  /** Loads of the models that the trial requests. */
  loads = 0
  /** Loads of models that the trial does not request. */
  #foreignLoads = 0
  #truncated = 0
  crashes = 0
  #cachedTokens: number | undefined
  /** The request that each slot works on. */
  readonly #requests = new Map<string, string>()
  readonly #unknownOptions = new Set<string>()
  /** True if the server is about to read a model into its own process. */
  #loadsInProcess = false
  /** True from the start of a runner until it logs that it is ready. */
  isLoading = false
  /** True from a crash until the next runner starts: one crash may log several lines. */
  #hasCrashed = false
  /** The number of servers that started in these lines. */
  servers = 0

  /** The number of different models that the last server has loaded. */
  get models(): number {
    return this.#runners.size
  }

  /** The names of the model files that the last server has loaded. */
  get modelFiles(): readonly string[] {
    return [...this.#runners.keys()]
  }

  /** Reads only the start of a long line, because the patterns take quadratic time in the worst case. */
  read(line: string): void {
    readLogLine(line.slice(0, limits.logLine.max), this)
  }

  readText(text: string): void {
    for (const line of text.split('\n')) this.read(line)
  }

  /**
   * Resets all counts. Each later load counts as a reload.
   * @param modelFile the name of the measured model's file; by default the file that was loaded last
   * @param otherFiles the files of other models that the trial requests
   */
  startCounting(modelFile = this.#latest?.modelFile, otherFiles: readonly string[] = []): void {
    this.loads = 0
    this.#foreignLoads = 0
    this.#truncated = 0
    this.crashes = 0
    this.#hasCrashed = false
    this.#cachedTokens = undefined
    this.#measuredFile = modelFile
    this.#otherRequestedFiles = new Set(otherFiles)
    this.#trialContext = contextOf(this.#measured())
    this.#contextAfterReload = undefined
  }

  /** A new server starts: forgets the facts of the previous one in the same file. */
  serverStarts(facts: LogFacts): void {
    this.#server = facts
    this.servers += 1
    this.#runners.clear()
    this.#latest = undefined
    this.#upcoming = newRunner()
  }

  serverShows(facts: LogFacts): void {
    this.#server = { ...this.#server, ...facts }
  }

  deviceIsFound(name: string): void {
    const { computeDevice } = this.#server
    if (computeDevice === undefined || computeDevice === 'CPU')
      this.serverShows({ computeDevice: name })
  }

  runnerStarts(modelFile: string | undefined, facts: LogFacts): void {
    if (modelFile === undefined) return
    const { facts: announced, warnings: before } = this.#upcoming
    this.#upcoming = newRunner()
    this.#latest = { modelFile, facts: { ...announced, ...facts }, warnings: before }
    this.#runners.set(modelFile, this.#latest)
    this.#requests.clear()
    this.isLoading = true
    this.#hasCrashed = false
  }

  modelFileComesNext(): void {
    this.#loadsInProcess = true
  }

  modelFileIsRead(path: string): void {
    if (!this.#loadsInProcess) return
    this.#loadsInProcess = false
    this.runnerStarts(fileName(path), { slots: 1 })
  }

  runnerIsReady(): void {
    if (!this.isLoading) return
    this.isLoading = false
    const file = this.#latest?.modelFile
    const isMeasured = file === this.#measured()?.modelFile
    if (!isMeasured && !this.#otherRequestedFiles.has(file)) {
      this.#foreignLoads += 1
      return
    }
    this.loads += 1
    if (!isMeasured) return
    const context = contextOf(this.#latest)
    if (this.#trialContext === undefined || context === undefined) return
    if (context !== this.#trialContext) this.#contextAfterReload = context
  }

  runnerCrashes(): void {
    if (!this.#hasCrashed) this.crashes += 1
    this.#hasCrashed = true
  }

  /** Counts only the first line about a prompt, which says how many of the prompt's tokens came from the cache. */
  promptStarts(slot: string, request: string, cachedTokens: number): void {
    if (this.#requests.get(slot) === request) return
    this.#requests.set(slot, request)
    this.#cachedTokens = (this.#cachedTokens ?? 0) + cachedTokens
  }

  promptIsTruncated(): void {
    this.#truncated += 1
  }

  optionIsUnknown(name: string): void {
    this.#unknownOptions.add(name)
  }

  /**
   * The facts so far. Counts are since `startCounting`, or the first line.
   * @param isExcerpt true if lines may be missing
   */
  facts(isExcerpt = false): Readonly<LogFacts> {
    const measured = this.#measured() ?? (isExcerpt ? this.#upcoming : undefined)
    const context = contextOf(measured)
    return {
      ...this.#server,
      ...measured?.facts,
      ...(context !== undefined && { contextLength: context }),
      loadCount: this.loads,
      otherModelLoads: this.#foreignLoads,
      truncatedPrompts: this.#truncated,
      crashes: this.crashes,
      ...(this.#cachedTokens !== undefined && { cachedTokens: this.#cachedTokens }),
      ...(this.#contextAfterReload !== undefined && { otherContext: this.#contextAfterReload }),
      ignoredOptions: JSON.stringify([...this.#unknownOptions].sort()),
      ...(measured !== undefined &&
        measured.warnings.size > 0 && {
          serverWarnings: JSON.stringify([...measured.warnings].sort()),
        }),
    }
  }

  runnerWarns(code: string): void {
    this.#runnerOfCurrentLine().warnings.add(code)
  }

  runnerShows(facts: LogFacts): void {
    const runner = this.#runnerOfCurrentLine()
    runner.facts = { ...runner.facts, ...facts }
  }

  /** The runner that the current line describes: the one that is being loaded, otherwise the one that starts next. */
  #runnerOfCurrentLine(): Runner {
    return this.isLoading && this.#latest !== undefined ? this.#latest : this.#upcoming
  }

  /** The runner of the measured model; undefined if the log shows only the starts of other models. */
  #measured(): Runner | undefined {
    const file = this.#measuredFile
    if (file === undefined) return this.#latest
    // The log may spell a name that is not a blob's in another way: then assume the latest.
    return this.#runners.get(file) ?? (isBlob(file) ? undefined : this.#latest)
  }
}

/** True for a name of a file in the model store, which a server's log and its API spell alike. */
function isBlob(file: string): boolean {
  return /^sha256[-:]/.test(file)
}
