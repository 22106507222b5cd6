/**
 * Reads facts from a server's log. Three generations of Ollama differ: runners with flags (to 0.11.4), runners
 * with parameters in a load request (to 0.2x), and llama-server (from 0.30). Lines may begin with the prefix
 * of journald or of a container engine. Nothing here reads files or clocks.
 */
import type { FactId, FactValue } from '../../results/facts.ts'
import { modelFileOf, parseGoMap, parseRunnerCommand, withoutPaths } from './runner-command.ts'

type Facts = Partial<Record<FactId, FactValue>>

/** The facts that the complete log of a server with a loaded model contains. */
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

/** Reads lines in order and keeps only the facts, so that memory does not grow with the log. */
export class ServerLog {
  /** Settings of the server and of the model that it loaded last. */
  settings: Facts = {}
  loads = 0
  truncated = 0
  crashes = 0
  readonly ignoredOptions = new Set<string>()
  /** True from the start of a runner until it logs that it is ready. */
  isLoading = false
  /** The file of the model that was loaded last. */
  modelFile: string | undefined
  /** The trial's own model file and context per slot, known when counting starts. */
  #own: { readonly modelFile: string | undefined; readonly context: number } | undefined
  /** The context per slot with which the trial's own model was reloaded, if it was another one. */
  #otherContext: number | undefined

  read(line: string): void {
    for (const { needle, pattern, take } of rules) {
      if (!line.includes(needle)) continue
      const match = pattern.exec(line)
      if (match) take(this, match)
    }
  }

  readText(text: string): void {
    for (const line of text.split('\n')) this.read(line)
  }

  /** Resets all counts. Each later load counts as a reload. */
  startCounting(): void {
    this.loads = 0
    this.truncated = 0
    this.crashes = 0
    this.#own = { modelFile: this.modelFile, context: this.#context() }
    this.#otherContext = undefined
  }

  /** Called when a runner logs that it is ready; some versions log this twice for one load. */
  loaded(): void {
    if (!this.isLoading) return
    this.isLoading = false
    this.loads += 1
    const context = this.#context()
    const own = this.#own
    if (own === undefined || this.modelFile === undefined || this.modelFile !== own.modelFile)
      return
    if (context !== own.context && !Number.isNaN(context + own.context))
      this.#otherContext = context
  }

  #context(): number {
    return Number(this.settings.contextTotal) / Number(this.settings.slots)
  }

  /** Counts begin at the first line, or at the last call of `startCounting`. */
  facts(): Readonly<Facts> {
    return {
      ...this.settings,
      loadCount: this.loads,
      truncatedPrompts: this.truncated,
      crashes: this.crashes,
      ...(this.#otherContext !== undefined && { otherContext: this.#otherContext }),
      ignoredOptions: JSON.stringify([...this.ignoredOptions].sort()),
    }
  }

  set(facts: Facts): void {
    this.settings = { ...this.settings, ...facts }
  }
}

const rule = (needle: string, pattern: RegExp, take: LineRule['take']): LineRule => ({
  needle,
  pattern,
  take,
})

const number = (text: string | undefined) => Number(text ?? Number.NaN)

const rules: readonly LineRule[] = [
  // A new server starts: forget the facts of the previous one in the same file.
  rule('server config', /server config"? env="?(map\[.*\])/, (log, [, map = '']) => {
    log.settings = { serverConfig: JSON.stringify(publicSettings(parseGoMap(map))) }
  }),
  rule('Listening on', /Listening on \S+ \(version ([^)]+)\)/, (log, [, version = '']) =>
    log.set({ serverVersion: version }),
  ),
  rule('inference compute', /inference compute".*?\blibrary=(\w+)/, (log, [, library = '']) => {
    const known = log.settings.computeDevice
    if (known === undefined || known === 'CPU') log.set({ computeDevice: deviceName(library) })
  }),
  rule('no compatible GPUs', /no compatible GPUs were discovered/, (log) =>
    log.set({ computeDevice: 'CPU' }),
  ),

  // A model is loaded. What the runner reports later overrides the flags of its command line.
  rule(
    'starting ',
    /msg="starting (?:llama server|llama-server|runner)" cmd="((?:[^"\\]|\\.)*)"/,
    (log, [, command = '']) => {
      log.isLoading = true
      log.modelFile = modelFileOf(command)
      log.settings = { ...serverFacts(log.settings), ...parseRunnerCommand(command) }
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
  rule('n_threads = ', /\bn_threads = (\d+)/, (log, [, threads]) =>
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
    /msg=offload .*\blayers\.model=(\d+) layers\.offload=(\d+)/,
    (log, [, all, some]) => log.set({ layersOffloaded: number(some), layersTotal: number(all) }),
  ),
  rule(' started in ', /llama(?:-server| runner) started in [\d.]+ seconds/, (log) => {
    log.loaded()
  }),

  // While the server answers requests.
  rule('truncating input prompt', /truncating input prompt/, (log) => {
    log.truncated += 1
  }),
  rule('invalid option', /invalid option provided".*?\boption="?(\w+)/, (log, [, option = '']) =>
    log.ignoredOptions.add(option),
  ),
  rule('terminated', /msg="llama(?:-server| runner) terminated"/, (log) => {
    log.crashes += 1
  }),
  rule('panic: ', /(?:^|\s)panic: /, (log) => {
    log.crashes += 1
  }),
]

/** Only the facts about the server: those about the runner of the previous model are out of date. */
function serverFacts({ serverConfig, serverVersion, computeDevice }: Facts): Facts {
  return {
    ...(serverConfig !== undefined && { serverConfig }),
    ...(serverVersion !== undefined && { serverVersion }),
    ...(computeDevice !== undefined && { computeDevice }),
  }
}

/** Omits proxies, which may contain passwords, and replaces addresses and folders, which are not settings. */
function publicSettings(values: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const kept = [...values].filter(([name]) => !/proxy$/i.test(name))
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      name === 'OLLAMA_HOST' || name === 'OLLAMA_MODELS' ? '…' : withoutPaths(value),
    ]),
  )
}

function deviceName(library: string): string {
  const names = ['Metal', 'CUDA', 'ROCm', 'Vulkan', 'CPU']
  return names.find((name) => library.toLowerCase().startsWith(name.toLowerCase())) ?? library
}

function flashName(state: string): string {
  if (/^(on|1|true|enabled)$/i.test(state)) return 'on'
  return /^(off|0|false|disabled)$/i.test(state) ? 'off' : 'auto'
}
