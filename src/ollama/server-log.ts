/**
 * Reads facts from a server's log. There are three generations of Ollama: runners with flags (to 0.11.4), runners with
 * parameters in a load request (to 0.2x), and llama-server (from 0.30). Lines may begin with a prefix of journald or of
 * a container engine. Pure: takes the text of the log.
 */
import type { FactId, FactValue } from '../results/facts.ts'
import {
  contextOf,
  deviceName,
  fileName,
  flashName,
  modelFileOf,
  newRunner,
  parseRunnerCommand,
  publicSettings,
  type Runner,
} from './runner-command.ts'

type Facts = Partial<Record<FactId, FactValue>>

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

interface LineRule {
  /** Lines without this text are skipped before the pattern is tried. */
  readonly needle: string
  readonly pattern: RegExp
  readonly take: (log: ServerLog, match: readonly string[]) => void
}

/** The warnings that a requested setting is not in effect: text of the line in the log, and code. */
const warnings: Readonly<Record<string, string>> = {
  'requested context size too large for model': 'context-too-large',
  'flash attention enabled but not supported': 'flash-attention-unsupported',
  'quantized kv cache requested but flash attention disabled': 'cache-type-ignored',
  'must be enabled to use a quantized OLLAMA_KV_CACHE_TYPE': 'cache-type-ignored',
  'does not currently support parallel requests': 'no-parallel-requests',
}

/**
 * Reads lines in order and keeps only the facts, so that memory does not grow with the log. A server may load several
 * models; facts are those of the measured one.
 */
export class ServerLog {
  server: Facts = {}
  /** The last runner of each model file. */
  readonly #runners = new Map<string, Runner>()
  /** The runner that was started last. Lines that runners log are about it. */
  #latest: Runner | undefined
  /** The runner that starts next. The server logs facts about it beforehand. */
  #upcoming: Runner = newRunner()
  #measuredFile: string | undefined
  /** The context per slot of the measured model when counting starts. */
  #trialContext: number | undefined
  /** The context per slot after a reload of the measured model; undefined if no reload changed it. */
  #otherContext: number | undefined
  /** Loads of the measured model. */
  loads = 0
  #otherModelLoads = 0
  truncated = 0
  crashes = 0
  #cachedTokens: number | undefined
  /** The request that each slot works on. */
  readonly #requests = new Map<string, string>()
  readonly ignoredOptions = new Set<string>()
  /** True if the server is about to read a model into its own process. */
  loadsInProcess = false
  /** True from the start of a runner until it logs that it is ready. */
  isLoading = false

  read(line: string): void {
    for (const { needle, pattern, take } of rules) {
      if (!line.includes(needle)) continue
      const match = pattern.exec(line)
      if (match) take(this, match)
    }
    if (!line.includes('WARN')) return
    for (const [text, code] of Object.entries(warnings))
      if (line.includes(text)) this.#runnerOfCurrentLine().warnings.add(code)
  }

  readText(text: string): void {
    for (const line of text.split('\n')) this.read(line)
  }

  /**
   * Resets all counts. Each later load counts as a reload.
   * @param modelFile the name of the measured model's file; by default the one that was loaded last
   */
  startCounting(modelFile = this.#latest?.modelFile): void {
    this.loads = 0
    this.#otherModelLoads = 0
    this.truncated = 0
    this.crashes = 0
    this.#cachedTokens = undefined
    this.#measuredFile = modelFile
    this.#trialContext = contextOf(this.#measured())
    this.#otherContext = undefined
  }

  /** A new server starts: forgets the facts of the previous one in the same file. */
  serverStarts(facts: Facts): void {
    this.server = facts
    this.#runners.clear()
    this.#latest = undefined
    this.#upcoming = newRunner()
  }

  /** @param modelFile undefined for a program that only looks for GPUs */
  runnerStarts(modelFile: string | undefined, facts: Facts): void {
    if (modelFile === undefined) return
    const { facts: announced, warnings: before } = this.#upcoming
    this.#upcoming = newRunner()
    this.#latest = { modelFile, facts: { ...announced, ...facts }, warnings: before }
    this.#runners.set(modelFile, this.#latest)
    this.#requests.clear()
    this.isLoading = true
  }

  /** @param path of the model's file; later versions log it about their runners, too */
  modelFileIsRead(path: string): void {
    if (!this.loadsInProcess) return
    this.loadsInProcess = false
    this.runnerStarts(fileName(path), { slots: 1 })
  }

  /** Called when a runner logs that it is ready; some versions log this twice for one load. */
  runnerIsReady(): void {
    if (!this.isLoading) return
    this.isLoading = false
    if (this.#latest?.modelFile !== this.#measured()?.modelFile) {
      this.#otherModelLoads += 1
      return
    }
    this.loads += 1
    const context = contextOf(this.#latest)
    if (this.#trialContext === undefined || context === undefined) return
    if (context !== this.#trialContext) this.#otherContext = context
  }

  /** Each batch of a long prompt logs a line. Only the first of them says how many tokens came from the cache. */
  promptStarts(slot: string, request: string, cachedTokens: number): void {
    if (this.#requests.get(slot) === request) return
    this.#requests.set(slot, request)
    this.#cachedTokens = (this.#cachedTokens ?? 0) + cachedTokens
  }

  /** The facts so far. Counts are since `startCounting`, or the first line. @param isExcerpt true if lines may be missing */
  facts(isExcerpt = false): Readonly<Facts> {
    const measured = this.#measured() ?? (isExcerpt ? this.#upcoming : undefined)
    const context = contextOf(measured)
    return {
      ...this.server,
      ...measured?.facts,
      ...(context !== undefined && { contextLength: context }),
      loadCount: this.loads,
      otherModelLoads: this.#otherModelLoads,
      truncatedPrompts: this.truncated,
      crashes: this.crashes,
      ...(this.#cachedTokens !== undefined && { cachedTokens: this.#cachedTokens }),
      ...(this.#otherContext !== undefined && { otherContext: this.#otherContext }),
      ignoredOptions: JSON.stringify([...this.ignoredOptions].sort()),
      ...(measured !== undefined &&
        measured.warnings.size > 0 && {
          serverWarnings: JSON.stringify([...measured.warnings].sort()),
        }),
    }
  }

  /** Adds facts that the latest runner logs, or that the server logs about the next one. */
  set(facts: Facts): void {
    const runner = this.#runnerOfCurrentLine()
    runner.facts = { ...runner.facts, ...facts }
  }

  /** The runner that the current line describes: the one that is being loaded, otherwise the one that starts next. */
  #runnerOfCurrentLine(): Runner {
    return this.isLoading && this.#latest !== undefined ? this.#latest : this.#upcoming
  }

  #measured(): Runner | undefined {
    return this.#measuredFile === undefined
      ? this.#latest
      : (this.#runners.get(this.#measuredFile) ?? this.#latest)
  }
}

const rule = (needle: string, pattern: RegExp, take: LineRule['take']): LineRule => ({
  needle,
  pattern,
  take,
})

const countCrash: LineRule['take'] = (log) => {
  log.crashes += 1
}

const number = (text: string | undefined) => Number(text ?? Number.NaN)

const rules: readonly LineRule[] = [
  rule('server config', /server config"? env="?(map\[.*\])/, (log, [, map = '']) => {
    log.serverStarts({ serverConfig: JSON.stringify(publicSettings(map)) })
  }),
  rule('Listening on', /Listening on \S+ \(version ([^)]+)\)/, (log, [, version = '']) => {
    log.server = { ...log.server, serverVersion: version }
  }),
  rule('inference compute', /inference compute".*?\blibrary=(\w+)/, (log, [, library = '']) => {
    const known = log.server.computeDevice
    if (known === undefined || known === 'CPU')
      log.server = { ...log.server, computeDevice: deviceName(library) }
  }),
  rule('no compatible GPUs', /no compatible GPUs were discovered/, (log) => {
    log.server = { ...log.server, computeDevice: 'CPU' }
  }),

  // Up to 0.1.31 the server loads a model into its own process, with one slot.
  rule('Loading Dynamic llm', /msg="Loading Dynamic llm server/, (log) => {
    log.loadsInProcess = true
  }),
  rule('loaded meta data', /loaded meta data .* from (\S+) \(version/, (log, [, path = '']) =>
    log.modelFileIsRead(path),
  ),
  rule('main loop', /msg="Starting llama main loop"/, (log) => log.runnerIsReady()),

  // A model is loaded. What the runner reports later overrides the flags of its command line.
  rule(
    'starting ',
    /msg="starting (?:llama server|llama-server|runner)" cmd="((?:[^"\\]|\\.)*)"/,
    (log, [, command = '']) => {
      log.runnerStarts(modelFileOf(command), parseRunnerCommand(command))
    },
  ),
  rule(
    'load request=',
    /msg=load request="\{Operation:commit .*?Parallel:(\d+) BatchSize:(\d+) FlashAttention:(\w+) KvSize:(\d+) KvCacheType:(\S*) NumThreads:(\d+)/,
    (log, [, parallel, batch, flash = '', context, cache = '', threads]) =>
      log.set({
        slots: number(parallel),
        batchSize: number(batch),
        flashAttention: flashName(flash),
        contextTotal: number(context),
        kvCacheType: cache === '' ? 'f16' : cache,
        ...(threads !== '0' && { threads: number(threads) }),
      }),
  ),
  // `n_threads = 8`, and as JSON or `n_threads=8` up to 0.3; 0 means automatic.
  rule('n_threads', /\bn_threads"? ?[=:] ?([1-9]\d*)/, (log, [, threads]) =>
    log.set({ threads: number(threads) }),
  ),
  rule(
    'flash_attn',
    /flash_attn\s*=\s*(auto|enabled|disabled|on|off|0|1)\b/,
    (log, [, state = '']) => log.set({ flashAttention: flashName(state) }),
  ),
  rule('Flash Attention', /Flash Attention .*?\b(enabled|disabled)\b/, (log, [, state = '']) =>
    log.set({ flashAttention: flashName(state) }),
  ),
  rule('K (', /\bK \((\w+)\):.*\bV \((\w+)\):/, (log, [, k = '', v = '']) =>
    log.set({ kvCacheType: k === v ? k : `${k}/${v}` }),
  ),
  rule('layers to GPU', /offloaded (\d+)\/(\d+) layers to GPU/, (log, [, some, all]) =>
    log.set({ layersOffloaded: number(some), layersTotal: number(all) }),
  ),
  rule(
    'layers.offload=',
    // `msg="offload to cuda"` up to 0.5
    /msg="?offload\b.*\blayers\.model=(\d+) layers\.offload=(\d+)/,
    (log, [, all, some]) => log.set({ layersOffloaded: number(some), layersTotal: number(all) }),
  ),
  rule(' started in ', /llama(?:-server| runner) started in [\d.]+ seconds/, (log) => {
    log.runnerIsReady()
  }),

  // While the server answers requests.
  rule('truncating input prompt', /truncating input prompt/, (log) => {
    log.truncated += 1
  }),
  rule(
    'cached n_tokens',
    /\bid +(\d+) \| task (\d+) \| cached n_tokens = (\d+)/,
    (log, [, slot = '', request = '', tokens]) => log.promptStarts(slot, request, number(tokens)),
  ),
  rule('invalid option', /invalid option provided".*?\boption="?(\w+)/, (log, [, option = '']) =>
    log.ignoredOptions.add(option),
  ),
  rule('terminated', /msg="llama(?:-server| runner) terminated"/, countCrash),
  rule('panic: ', /(?:^|\s)panic: /, countCrash),
]
