/** Reads what `--on` compares: `native`, `docker`, `docker:IMAGE`, `embedded`, or the URL of a running server. */
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import { quoted } from '../errors/quote.ts'
import type { WrittenTarget } from '../experiment/schema/written-target.ts'
import { keyOf, type Value } from './choices.ts'

/** The names of servers that exp starts, as people see them. */
export interface ServerLabels {
  readonly native: string
  readonly docker: string
  readonly embedded: string
}

/**
 * @param ollamaVersion the version of the installed Ollama, which the container then has too, so that they can be compared
 * @throws ExpError `invalid-input`
 */
export function readServer(
  text: string,
  labels: ServerLabels,
  ollamaVersion: string | undefined,
): Value {
  if (text === 'native') return server('native', labels.native, 'process')
  if (text === 'embedded') return server('embedded', labels.embedded, 'embedded')
  const [, image = `ollama/ollama:${ollamaVersion ?? 'latest'}`] =
    /^docker(?::(.+))?$/s.exec(text) ?? []
  if (/^docker(:|$)/.test(text))
    return server('docker', labels.docker, { docker: { image, pull: true } })
  if (/^https?:\/\//.test(text) && URL.canParse(text)) {
    const { host } = new URL(text)
    return server(keyOf(host), host, { url: text })
  }
  throw new ExpError(
    'invalid-input',
    `${quoted(text)} is not a server`,
    didYouMean(text, ['native', 'docker', 'embedded']) ??
      'Write `native`, `docker`, `docker:IMAGE`, `embedded`, or a URL: `--on http://mac:11434,http://box:11434`.',
  )
}

function server(key: string, label: string, target: WrittenTarget): Value {
  return { key, label, apply: (config) => ({ ...config, target }) }
}
