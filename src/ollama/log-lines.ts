/**
 * The lines of a server's log that show facts. There are three generations of Ollama: runners with flags (before
 * 0.11.5), runners with parameters in a load request (before 0.30), and llama-server (since 0.30). Lines may begin with
 * a prefix of journald or of a container engine.
 */
import { parseJson } from '../json/json.ts'
import type { FactId, FactValue } from '../results/facts.ts'
import {
  deviceName,
  flashName,
  modelFileOf,
  parseRunnerCommand,
  publicSettings,
} from './runner-command.ts'

export type LogFacts = Partial<Record<FactId, FactValue>>

/** The events that log lines report. */
export interface LogEvents {
  serverStarts(facts: LogFacts): void
  serverShows(facts: LogFacts): void
  deviceIsFound(name: string): void
  /** The server is about to read the file of a model into its own process. */
  modelFileComesNext(): void
  /** @param path of the model's file; later versions log such a line about their runners too */
  modelFileIsRead(path: string): void
  /** @param modelFile undefined for a program that only looks for GPUs */
  runnerStarts(modelFile: string | undefined, facts: LogFacts): void
  /** Some versions log this twice for one load. */
  runnerIsReady(): void
  /** Several lines may be about one crash. */
  runnerCrashes(): void
  /** Facts that the latest runner logs, or that the server logs about the next one. */
  runnerShows(facts: LogFacts): void
  /** A requested setting has no effect. */
  runnerWarns(code: string): void
  /** Called for each batch of a long prompt. */
  promptStarts(slot: string, request: string, cachedTokens: number): void
  promptIsTruncated(): void
  optionIsUnknown(name: string): void
}

type LineAction = (log: LogEvents, match: readonly string[]) => void

interface LineRule {
  /** Lines without this text are skipped before the pattern is tried. */
  readonly needle: string
  readonly pattern: RegExp
  readonly act: LineAction
}

/** Warnings that a requested setting has no effect: from the text in the log line to the code. */
const warnings: Readonly<Record<string, string>> = {
  'requested context size too large for model': 'context-too-large',
  'flash attention enabled but not supported': 'flash-attention-unsupported',
  'quantized kv cache requested but flash attention disabled': 'cache-type-ignored',
  'must be enabled to use a quantized OLLAMA_KV_CACHE_TYPE': 'cache-type-ignored',
  'does not currently support parallel requests': 'no-parallel-requests',
}

/** @param written may be a line of a log file of Docker: `{"log":"…","stream":"stderr"}` */
export function readLogLine(written: string, log: LogEvents): void {
  const line = written.startsWith('{"log":') ? lineInJson(written) : written
  for (const { needle, pattern, act } of rules) {
    if (!line.includes(needle)) continue
    const match = pattern.exec(line)
    if (match) act(log, match)
  }
  if (!line.includes('WARN')) return
  for (const [text, code] of Object.entries(warnings))
    if (line.includes(text)) log.runnerWarns(code)
}

function lineInJson(written: string): string {
  const value = parseJson(written)
  const isEntry = typeof value === 'object' && value !== null && 'log' in value
  return isEntry && typeof value.log === 'string' ? value.log : written
}

const rule = (needle: string, pattern: RegExp, act: LineAction): LineRule => ({
  needle,
  pattern,
  act,
})

const countCrash: LineAction = (log) => {
  log.runnerCrashes()
}

const number = (text: string | undefined) => Number(text ?? Number.NaN)

const rules: readonly LineRule[] = [
  rule('server config', /server config"? env="?(map\[.*\])/, (log, [, map = '']) => {
    log.serverStarts({ serverConfig: JSON.stringify(publicSettings(map)) })
  }),
  rule('Listening on', /Listening on \S+ \(version ([^)]+)\)/, (log, [, version = '']) => {
    log.serverShows({ serverVersion: version })
  }),
  rule('inference compute', /inference compute".*?\blibrary=(\w+)/, (log, [, library = '']) => {
    log.deviceIsFound(deviceName(library))
  }),
  rule('no compatible GPUs', /no compatible GPUs were discovered/, (log) => {
    log.serverShows({ computeDevice: 'CPU' })
  }),

  // Up to 0.1.31 the server loads a model into its own process, with one slot.
  rule('Loading Dynamic llm', /msg="Loading Dynamic llm server/, (log) => {
    log.modelFileComesNext()
  }),
  rule(
    'loaded meta data',
    /loaded meta data with \d+ key-value pairs and \d+ tensors from (.+) \(version/,
    (log, [, path = '']) => log.modelFileIsRead(path),
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
      log.runnerShows({
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
    log.runnerShows({ threads: number(threads) }),
  ),
  rule(
    'flash_attn',
    /flash_attn\s*=\s*(auto|enabled|disabled|on|off|0|1)\b/,
    (log, [, state = '']) => log.runnerShows({ flashAttention: flashName(state) }),
  ),
  rule('Flash Attention', /Flash Attention .*?\b(enabled|disabled)\b/, (log, [, state = '']) =>
    log.runnerShows({ flashAttention: flashName(state) }),
  ),
  rule('K (', /\bK \((\w+)\):.*\bV \((\w+)\):/, (log, [, k = '', v = '']) =>
    log.runnerShows({ kvCacheType: k === v ? k : `${k}/${v}` }),
  ),
  rule('layers to GPU', /offloaded (\d+)\/(\d+) layers to GPU/, (log, [, some, all]) =>
    log.runnerShows({ layersOffloaded: number(some), layersTotal: number(all) }),
  ),
  rule(
    'layers.offload=',
    // `msg="offload to cuda"` up to 0.5
    /msg="?offload\b.*\blayers\.model=(\d+) layers\.offload=(\d+)/,
    (log, [, all, some]) =>
      log.runnerShows({ layersOffloaded: number(some), layersTotal: number(all) }),
  ),
  rule(' started in ', /llama(?:-server| runner) started in [\d.]+ seconds/, (log) => {
    log.runnerIsReady()
  }),

  // While the server answers requests.
  rule('truncating input prompt', /truncating input prompt/, (log) => {
    log.promptIsTruncated()
  }),
  rule(
    'cached n_tokens',
    /\bid +(\d+) \| task (\d+) \| cached n_tokens = (\d+)/,
    (log, [, slot = '', request = '', tokens]) => log.promptStarts(slot, request, number(tokens)),
  ),
  rule('invalid option', /invalid option provided".*?\boption="?(\w+)/, (log, [, option = '']) =>
    log.optionIsUnknown(option),
  ),
  rule('terminated', /msg="llama(?:-server| runner) terminated"/, countCrash),
  rule('panic: ', /(?:^|\s)panic: /, countCrash),
]
