/**
 * Removes from records what must not be stored: secrets, control codes, and whatever identifies the person or
 * the machine that measured (absolute paths, user names, host names).
 */
import { isSecretName, redacted, withoutSecrets } from '../secrets/secrets.ts'
import type { Evidence, TrialHeader, TrialRecord } from './record.ts'

const maxTextLength = 4000
const maxErrorLength = 500

/** Line breaks become spaces, other control codes disappear. Complete terminal escapes come first. */
const controlCodes: readonly (readonly [pattern: RegExp, by: string])[] = [
  [/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g, ''],
  [/[\t\r\n\u2028\u2029]+/g, ' '],
  [/[\p{Cc}\p{Cf}]/gu, ''],
]

/** Absolute paths keep their last part. Paths of the HTTP API are not files. */
const absolutePaths: readonly (readonly [pattern: RegExp, by: string])[] = [
  [/(^|[\s"'=:([,;])\/(?!\/|api\/|v1\/)(?:[^\s"'():,;[\]{}/]+\/)+([^\s"'():,;[\]{}/]*)/g, '$1…/$2'],
  [/\b[a-z]:\\(?:[^\s"'():,;[\]{}\\]+\\)*([^\s"'():,;[\]{}\\]*)/gi, '…/$1'],
]

/** Fast path: a text of these characters only matches none of the patterns. */
const plainText = /^[\w.-]*$/

/** Names that identify nobody, and that log lines use with other meanings. */
const commonNames: ReadonlySet<string> = new Set([
  'root',
  'admin',
  'user',
  'ollama',
  'localhost',
  'docker',
])

/** Cleans records before they are stored. Knows the private names of this machine. */
export class Redactor {
  readonly #names: RegExp | undefined

  /** @param privateNames names of the user and the machine, in any case; names below 3 characters are ignored */
  constructor(privateNames: readonly string[] = []) {
    const names = privateNames.filter(
      (name) => name.length > 2 && !commonNames.has(name.toLowerCase()),
    )
    if (names.length > 0)
      this.#names = new RegExp(
        `(?<![\\p{L}\\p{N}])(?:${names.map(escapeForRegExp).join('|')})(?![\\p{L}\\p{N}])`,
        'giu',
      )
  }

  /** The text on one line, without control codes, secrets, absolute paths or private names, cut to `maxLength` characters. */
  text(text: string, maxLength = maxTextLength): string {
    let clean = text
    if (!plainText.test(text)) {
      for (const [pattern, by] of controlCodes) clean = clean.replace(pattern, by)
      clean = withoutSecrets(clean)
      for (const [pattern, by] of absolutePaths) clean = clean.replace(pattern, by)
    }
    if (this.#names !== undefined) clean = clean.replace(this.#names, redacted)
    clean = clean.trim()
    return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1)}…`
  }

  /** Variables or headers by name, with the values of secret ones replaced. */
  values(values: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        isSecretName(name) ? redacted : this.text(value),
      ]),
    )
  }

  /** The record as it may be stored. Does not change prompts and answers: the experiment's `keep` decides on those. */
  record(record: TrialRecord): TrialRecord {
    switch (record.type) {
      case 'request':
        return record.error === undefined
          ? record
          : { ...record, error: this.text(record.error, maxErrorLength) }
      case 'trial':
        return this.#header(record)
      case 'evidence':
        return this.#evidence(record)
      case 'end':
        return record.reason === undefined
          ? record
          : { ...record, reason: this.text(record.reason) }
      case 'window':
        return record
    }
  }

  #header(header: TrialHeader): TrialHeader {
    const { settings, target } = header
    return {
      ...header,
      settings: { ...settings, env: this.values(settings.env) },
      target: target.why === undefined ? target : { ...target, why: this.text(target.why) },
    }
  }

  #evidence(evidence: Evidence): Evidence {
    return {
      ...evidence,
      facts: this.#texts(evidence.facts),
      ...(evidence.missing === undefined ? {} : { missing: this.#texts(evidence.missing) }),
    }
  }

  #texts<Value>(values: Readonly<Record<string, Value>>): Record<string, Value | string> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'string' ? this.text(value) : value,
      ]),
    )
  }
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
