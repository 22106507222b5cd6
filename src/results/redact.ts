/**
 * What must not be kept is taken out before anything is stored: secrets, control codes, and what tells
 * where and by whom something was measured (absolute paths, names of the user and the machine).
 */
import { isSecretName, redacted, withoutSecrets } from '../secrets/secrets.ts'
import type { Evidence, TrialHeader, TrialRecord } from './record.ts'

const longestText = 4000
const longestError = 500

/** Control codes become spaces or nothing: whole terminal escapes first, then what is left of them. */
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

/** Holds nothing of what is replaced: each pattern needs a space, a slash or another such mark. */
const bare = /^[\w.-]*$/

/** Names so common that they tell nothing, and that log lines use for other things. */
const commonNames: ReadonlySet<string> = new Set([
  'root',
  'admin',
  'user',
  'ollama',
  'localhost',
  'docker',
])

/** Cleans what is stored. One a machine: it knows the names of its user and of itself. */
export class Redactor {
  readonly #names: RegExp | undefined

  /** @param privateNames of the user and the machine; case does not matter, names of fewer than 3 letters are let be */
  constructor(privateNames: readonly string[] = []) {
    const names = privateNames.filter(
      (name) => name.length > 2 && !commonNames.has(name.toLowerCase()),
    )
    if (names.length > 0)
      this.#names = new RegExp(
        `(?<![\\p{L}\\p{N}])(?:${names.map(escaped).join('|')})(?![\\p{L}\\p{N}])`,
        'giu',
      )
  }

  /** One line without control codes, secrets, absolute paths and private names, cut to `longest` characters. */
  text(text: string, longest = longestText): string {
    let clean = text
    if (!bare.test(text)) {
      for (const [pattern, by] of controlCodes) clean = clean.replace(pattern, by)
      clean = withoutSecrets(clean)
      for (const [pattern, by] of absolutePaths) clean = clean.replace(pattern, by)
    }
    if (this.#names !== undefined) clean = clean.replace(this.#names, redacted)
    clean = clean.trim()
    return clean.length <= longest ? clean : `${clean.slice(0, longest - 1)}…`
  }

  /** Variables or headers by name; the values of those whose names say so are replaced. */
  values(values: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        isSecretName(name) ? redacted : this.text(value),
      ]),
    )
  }

  /** The record as it may be stored. Prompts and answers are what `keep` says, and are not touched. */
  record(record: TrialRecord): TrialRecord {
    switch (record.type) {
      case 'request':
        return record.error === undefined
          ? record
          : { ...record, error: this.text(record.error, longestError) }
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

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
