/**
 * Reads the command line of a runner (the program that a server starts to hold a model), and a server's list of
 * variables.
 */
import type { FactId, FactValue } from '../results/facts.ts'

type Facts = Partial<Record<FactId, FactValue>>

/** A program that holds a model: a runner, or llama-server. */
export interface Runner {
  /** The name of the model's file; undefined before the runner starts. */
  readonly modelFile: string | undefined
  facts: Facts
  readonly warnings: Set<string>
}

export function newRunner(): Runner {
  return { modelFile: undefined, facts: {}, warnings: new Set() }
}

/** The context length of one slot, with which the runner was started. */
export function contextOf(runner: Runner | undefined): number | undefined {
  const context = Number(runner?.facts.contextTotal) / Number(runner?.facts.slots)
  return Number.isNaN(context) ? undefined : context
}

/** The value of a flag, under any of its names. */
function flag(words: readonly string[], ...names: readonly string[]): string | undefined {
  const at = words.findIndex((word) => names.includes(word))
  return at === -1 ? undefined : words[at + 1]
}

function numeric(id: FactId, value: string | undefined): Facts {
  return value !== undefined && /^\d+$/.test(value) ? { [id]: Number(value) } : {}
}

/**
 * The facts in a runner's flags.
 * @param command the command line as the log quotes it, with escaped quotes and backslashes
 */
export function parseRunnerCommand(command: string): Facts {
  const words = wordsOf(command)
  return {
    runnerCommand: publicCommand(words),
    ...numeric('slots', flag(words, '-np', '--parallel')),
    ...numeric('contextTotal', flag(words, '-c', '--ctx-size')),
    ...numeric('batchSize', flag(words, '-b', '--batch-size')),
    ...numeric('threads', flag(words, '-t', '--threads')),
    ...flashAttention(words),
    ...cacheType(words),
    ...(isForCpu(command) ? { layersOffloaded: 0 } : {}),
  }
}

/** From 0.1.32 to 0.5, the runners for the CPU have folders of their own. They offload nothing, whatever was planned. */
function isForCpu(command: string): boolean {
  return /^\S*[/\\]runners[/\\]+cpu[^/\\\s]*[/\\]/.test(command)
}

/** The name of the file of the model that the runner loads, without its folders. */
export function modelFileOf(command: string): string | undefined {
  return flag(wordsOf(command), '--model', '-m')
}

const pathFlags = ['--model', '-m', '--mmproj', '--lora']

/**
 * The words of a command line. Of the program's path, and of paths after flags, only the last part is kept. Go prints a
 * command without quotes, so that a path with spaces, such as `C:\Users\Jane Doe\ollama.exe`, looks like several words.
 */
function wordsOf(command: string): readonly string[] {
  const spaced = command.replace(/\\(.)/g, '$1').replace(/\s+/g, ' ')
  const [program = '', ...flags] = spaced.split(/ (?=--?[a-z])/i)
  const [, path, subcommand] = /^(.*?)(?: (runner))?$/.exec(program) ?? []
  return [
    fileName(path) ?? '',
    ...(subcommand === undefined ? [] : [subcommand]),
    ...flags.flatMap((text) => {
      const [name = '', ...values] = text.split(' ')
      return pathFlags.includes(name) ? [name, fileName(values.join(' ')) ?? ''] : [name, ...values]
    }),
  ]
}

/**
 * The name of the model's file in a Modelfile of `/api/show`; undefined if the Modelfile names another model instead.
 */
export function modelFileIn(modelfile: string): string | undefined {
  const from = modelfile.split(/[\r\n]+/).find((line) => /^FROM\s.*[/\\]/.test(line))
  return fileName(from?.slice('FROM'.length).trim().replace(/^"|"$/g, ''))
}

export function fileName(path: string | undefined): string | undefined {
  return path?.split(/[/\\]/).at(-1)
}

function flashAttention(words: readonly string[]): Facts {
  if (!words.includes('--flash-attn')) return {}
  const value = flag(words, '--flash-attn') ?? ''
  return { flashAttention: value === 'off' || value === 'auto' ? value : 'on' }
}

/** `on`, `off` or `auto`, from any spelling in the log. */
export function flashName(state: string): string {
  if (/^(on|1|true|enabled)$/i.test(state)) return 'on'
  return /^(off|0|false|disabled)$/i.test(state) ? 'off' : 'auto'
}

function cacheType(words: readonly string[]): Facts {
  const k = flag(words, '--cache-type-k', '--kv-cache-type')
  const v = flag(words, '--cache-type-v') ?? k
  return k === undefined ? {} : { kvCacheType: k === v ? k : `${k}/${v ?? ''}` }
}

/** The command without folders, and without its port, which changes with each start. */
function publicCommand(words: readonly string[]): string {
  const port = words.indexOf('--port')
  const kept = words.filter((_, at) => port === -1 || (at !== port && at !== port + 1))
  return kept.map(withoutPaths).join(' ')
}

/** Keeps only the last part of each absolute path, because the names of a user's folders are private. */
export function withoutPaths(text: string): string {
  return text
    .replace(
      /(?<![\w:/.*])(?:~|\/[^\s/"'=:,;|)\]]+)(?:\/[^\s/"'=:,;|)\]]+)*\/([^\s/"'=:,;|)\]]+)/g,
      '$1',
    )
    .replace(/\b[A-Za-z]:\\+(?:[^\s\\"']+\\+)*([^\s\\"']+)/g, '$1')
}

/**
 * Parses a map as Go prints it: `map[A_B:1 C_D:[x y] E_F:]`. A name must contain an underscore, which rules out URL
 * schemes.
 */
export function parseGoMap(text: string): ReadonlyMap<string, string> {
  const inner = text.replace(/^map\[/, '').replace(/\]$/, '')
  const names = [...inner.matchAll(/(?:^| )([A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]+):/g)]
  return new Map(
    names.map((match, at) => {
      const from = match.index + match[0].length
      const to = names[at + 1]?.index ?? inner.length
      return [match[1] ?? '', inner.slice(from, to).trim()]
    }),
  )
}

/**
 * The variables in a map as Go prints it. Leaves out proxies, which may contain passwords, and hides addresses and
 * folders.
 */
export function publicSettings(map: string): Readonly<Record<string, string>> {
  const kept = [...parseGoMap(map)].filter(([name]) => !/proxy$/i.test(name))
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      name === 'OLLAMA_HOST' || name === 'OLLAMA_MODELS' ? '…' : withoutFolders(value),
    ]),
  )
}

/** The value of a variable without folders. A value that is a path may contain spaces. */
function withoutFolders(value: string): string {
  return /^(?:~?\/|[a-z]:\\).*\s/i.test(value) ? (fileName(value) ?? '') : withoutPaths(value)
}

/** The name of a compute device, from the name of its library in the log. */
export function deviceName(library: string): string {
  const names = ['Metal', 'CUDA', 'ROCm', 'Vulkan', 'CPU']
  return names.find((name) => library.toLowerCase().startsWith(name.toLowerCase())) ?? library
}
