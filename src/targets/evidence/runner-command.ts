/** The command line with which a server starts the program that holds a model, and what its flags say. */
import type { FactId, FactValue } from '../../results/facts.ts'

type Facts = Partial<Record<FactId, FactValue>>

/** Value of a flag under any of its names. */
function flag(words: readonly string[], ...names: readonly string[]): string | undefined {
  const at = words.findIndex((word) => names.includes(word))
  return at === -1 ? undefined : words[at + 1]
}

function numeric(id: FactId, value: string | undefined): Facts {
  return value !== undefined && /^\d+$/.test(value) ? { [id]: Number(value) } : {}
}

/** @param command as the log quotes it, with escaped quotes and backslashes */
export function parseRunnerCommand(command: string): Facts {
  const words = command.replace(/\\(.)/g, '$1').split(/\s+/)
  return {
    runnerCommand: shown(words),
    ...numeric('slots', flag(words, '-np', '--parallel')),
    ...numeric('contextTotal', flag(words, '-c', '--ctx-size')),
    ...numeric('batchSize', flag(words, '-b', '--batch-size')),
    ...numeric('threads', flag(words, '-t', '--threads')),
    ...flashAttention(words),
    ...cacheType(words),
  }
}

/** File of the model that is loaded. */
export function modelOf(command: string): string | undefined {
  return flag(command.replace(/\\(.)/g, '$1').split(/\s+/), '--model', '-m')
}

function flashAttention(words: readonly string[]): Facts {
  if (!words.includes('--flash-attn')) return {}
  const value = flag(words, '--flash-attn') ?? ''
  return { flashAttention: value === 'off' || value === 'auto' ? value : 'on' }
}

function cacheType(words: readonly string[]): Facts {
  const k = flag(words, '--cache-type-k', '--kv-cache-type')
  const v = flag(words, '--cache-type-v') ?? k
  return k === undefined ? {} : { kvCacheType: k === v ? k : `${k}/${v ?? ''}` }
}

/** The command without folders, and without its port, which is another each time. */
function shown(words: readonly string[]): string {
  const port = words.indexOf('--port')
  const kept = words.filter((_, at) => port === -1 || (at !== port && at !== port + 1))
  return kept.map(withoutPaths).join(' ')
}

/** Leaves the last part of each absolute path: a user's folders are nobody's business. */
export function withoutPaths(text: string): string {
  return text
    .replace(
      /(?<![\w:/.*])(?:~|\/[^\s/"'=:,;|)\]]+)(?:\/[^\s/"'=:,;|)\]]+)*\/([^\s/"'=:,;|)\]]+)/g,
      '$1',
    )
    .replace(/\b[A-Za-z]:\\+(?:[^\s\\"']+\\+)*([^\s\\"']+)/g, '$1')
}

/** `map[A_B:1 C_D:[x y] E_F:]` as Go prints it. Names hold an underscore, so that a URL's scheme is none. */
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
