/** Warns of secrets in the file, because everybody who can read the repository can read the committed file. */
import { quoted } from '../../errors/quote.ts'
import { isSecretName, isSecretNumberName } from '../../secrets/secret-name.ts'
import { withoutCredentials, withoutSecrets } from '../../secrets/secrets.ts'
import { draftsIn, type FileRule, writtenMixes } from '../draft.ts'
import type { WrittenConfig } from '../schema/written-experiment.ts'
import { variablesOf } from '../schema/written-target.ts'
import type { Path, Source } from '../source/source.ts'

interface SecretPlace {
  readonly path: Path
  readonly message: string
  readonly hint: string
}

/** Nobody would read more warnings about one file. */
const maxPlaces = 50

export const secrets: FileRule = ({ draft, datasets }) => {
  const { source, configs, top } = draft
  const named = [
    ...optionPlaces(['workload'], top.workload?.options),
    ...[...configs].flatMap(([key, config]) => configPlaces(key, config)),
    ...writtenMixes(draft).flatMap(({ path, items }) =>
      items.flatMap(({ options }, index) => optionPlaces([...path, index], options)),
    ),
  ]
  const isNamed = new Set(named.map(({ path }) => path.join('\n')))
  const found = [...named, ...credentialPlaces(source, isNamed)].slice(0, maxPlaces)
  const others = draftsIn(datasets).filter(
    (dataset) => dataset.source !== source && dataset.privateName === undefined,
  )
  return [
    ...found.map(({ path, ...place }) => source.problem(path, warning(place))),
    ...others.flatMap((dataset) =>
      credentialPlaces(dataset.source, new Set())
        .slice(0, maxPlaces)
        .map(({ path, ...place }) => dataset.source.problem(path, warning(place))),
    ),
  ]
}

function warning(place: Omit<SecretPlace, 'path'>) {
  return { code: 'secret', severity: 'warning', ...place } as const
}

const removeHint = 'remove it: results and reports never contain it, but this file does'

function looksSecret(name: string): string {
  return `${quoted(name)} looks like a secret, and this file is committed`
}

function configPlaces(key: string, config: WrittenConfig): readonly SecretPlace[] {
  const path = ['configs', key]
  const inEnv = Object.entries(config.env ?? {})
    .filter(([name, value]) => value !== '' && holdsSecret(name, value))
    .map(([name]) => ({
      path: [...path, 'env', name],
      message: looksSecret(name),
      hint: removeHint,
    }))
  return [...inEnv, ...optionPlaces(path, config.options), ...targetPlaces(path, config.target)]
}

function holdsSecret(name: string, value: unknown): boolean {
  return isSecretName(name) || withoutSecrets(String(value)) !== String(value)
}

/** Options that a gateway in front of Ollama may read. */
function optionPlaces(path: Path, options: object | undefined): readonly SecretPlace[] {
  return Object.entries(options ?? {})
    .filter(([name, value]) => isSecretOption(name, value))
    .map(([name]) => ({
      path: [...path, 'options', name],
      message: looksSecret(name),
      hint: removeHint,
    }))
}

function isSecretOption(name: string, value: unknown): boolean {
  if (typeof value === 'number') return isSecretNumberName(name)
  return isSecretName(name) && (typeof value === 'string' ? value !== '' : Array.isArray(value))
}

function targetPlaces(path: Path, target: WrittenConfig['target']): readonly SecretPlace[] {
  if (typeof target !== 'object' || !('url' in target)) return []
  const url = new URL(target.url)
  const hostInUrl = {
    path: [...path, 'target', 'url'],
    message: 'the URL contains credentials, and this file is committed',
    hint: 'use `headers: {Authorization: "Bearer ${NAME}"}`, filled from the environment',
  }
  const inHeaders = Object.entries(target.headers ?? {})
    .filter(([name, value]) => isSecretName(name) && variablesOf(value).length === 0)
    .map(([name]) => ({
      path: [...path, 'target', 'headers', name],
      message: `the header ${looksSecret(name)}`,
      hint: 'take it from the environment: `"Bearer ${NAME}"`',
    }))
  return [...[hostInUrl].filter(() => url.username !== '' || url.password !== ''), ...inHeaders]
}

/** The texts of a file that hold credentials. @param isNamed the paths that were found by their names, joined */
function credentialPlaces(source: Source, isNamed: ReadonlySet<string>): readonly SecretPlace[] {
  return [...textsIn(source.value)]
    .filter(([path, text]) => !isNamed.has(path.join('\n')) && withoutCredentials(text) !== text)
    .map(([path]) => ({
      path,
      message:
        'this text contains a password, a key or credentials of a URL, and this file is committed',
      hint: removeHint,
    }))
}

/** All texts of a value, each with its path. */
function* textsIn(value: unknown, path: Path = []): Generator<readonly [Path, string]> {
  if (typeof value === 'string') yield [path, value]
  if (typeof value !== 'object' || value === null) return
  const isList = Array.isArray(value)
  for (const [name, inner] of Object.entries(value))
    yield* textsIn(inner, [...path, isList ? Number(name) : name])
}
