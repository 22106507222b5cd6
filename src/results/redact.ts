/**
 * Removes from records what must not be stored: secrets, control codes, and whatever identifies the person or
 * the machine that measured (absolute paths, user names, host names).
 */
import { isSecretName, redacted, withoutSecrets } from '../secrets/secrets.ts'
import type { Evidence, TrialHeader, TrialRecord } from './record.ts'

const maxTextLength = 4000
const maxErrorLength = 500

/** Replaces line breaks by spaces and removes other control codes. Terminal escape sequences must be matched first. */
const controlCodes: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g, ''],
  [/[\t\r\n\u2028\u2029]+/g, ' '],
  [/[\p{Cc}\p{Cf}]/gu, ''],
]

/** Replaces absolute paths by their last part. Does not match paths of the HTTP API. */
const absolutePaths: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/(^|[\s"'=:([,;])\/(?!\/|api\/|v1\/)(?:[^\s"'():,;[\]{}/]+\/)+([^\s"'():,;[\]{}/]*)/g, '$1…/$2'],
  [/\b[a-z]:\\(?:[^\s"'():,;[\]{}\\]+\\)*([^\s"'():,;[\]{}\\]*)/gi, '…/$1'],
]

/** Fast path: a text that contains only these characters matches none of the patterns. */
const plainText = /^[\w.-]*$/

/** User and machine names that identify nobody; in log lines they are ordinary words. */
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

  /** @param privateNames names of the user and the machine, in any case; names of 1 or 2 characters are ignored */
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

  /** The text on one line, without control codes, secrets, absolute paths and private names; cut to `maxLength` characters. */
  text(text: string, maxLength = maxTextLength): string {
    let clean = text
    if (!plainText.test(text)) {
      for (const [pattern, replacement] of controlCodes) clean = clean.replace(pattern, replacement)
      clean = withoutSecrets(clean)
      for (const [pattern, replacement] of absolutePaths)
        clean = clean.replace(pattern, replacement)
    }
    if (this.#names !== undefined) clean = clean.replace(this.#names, redacted)
    clean = clean.trim()
    return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1)}…`
  }

  /** Variables or headers by name. Replaces the values of secret ones. */
  values(values: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        isSecretName(name) ? redacted : this.text(value),
      ]),
    )
  }

  /** The record as it may be stored. Does not change prompts and answers, which are stored only if `keep` allows it. */
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
