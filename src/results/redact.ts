/**
 * Removes from records what must not be stored: secrets, control codes, and whatever identifies the person or
 * the machine that measured (absolute paths, user names, host names).
 */
import { isSecretName } from '../secrets/secret-name.ts'
import {
  jsonWithoutCredentials,
  redacted,
  settingWithoutCredentials,
  withoutCredentials,
  withoutSecrets,
} from '../secrets/secrets.ts'
import type { Evidence, RequestRecord, TrialHeader, TrialRecord } from './record.ts'

const maxTextLength = 4000
const maxErrorLength = 500
/**
 * The maximum length of a prompt or an answer. Both together fit into one line of a result file, even if JSON escapes
 * every character.
 */
const maxLongTextLength = 1_000_000

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

/** Fast path: a short text that contains only these characters matches none of the patterns. */
const plainText = /^[\w.-]{0,15}$/

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

  /**
   * The text on one line, without control codes, secrets, absolute paths and private names; cut to `maxLength`
   * characters.
   */
  text(text: string, maxLength = maxTextLength): string {
    let clean = text
    if (!plainText.test(text)) {
      for (const [pattern, replacement] of controlCodes) clean = clean.replace(pattern, replacement)
      clean = withoutSecrets(clean)
      for (const [pattern, replacement] of absolutePaths)
        clean = clean.replace(pattern, replacement)
    }
    if (this.#names !== undefined) clean = clean.replace(this.#names, redacted)
    return shorten(clean.trim(), maxLength)
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

  /** The record as it may be stored. Prompts and answers, which `keep` must have allowed, lose only credentials. */
  record(record: TrialRecord): TrialRecord {
    switch (record.type) {
      case 'request':
        return this.#request(record)
      case 'trial':
        return this.#header(record)
      case 'evidence':
        return this.#evidence(record)
      case 'end':
        return record.reason === undefined
          ? record
          : { ...record, reason: this.text(record.reason) }
      case 'window':
      case 'figures':
        return record
    }
  }

  #header(header: TrialHeader): TrialHeader {
    const { settings, target, host, serverHost, dataset } = header
    return {
      ...header,
      host: host.name === undefined ? host : { ...host, name: withoutCredentials(host.name) },
      ...(serverHost !== undefined && {
        serverHost: { ...serverHost, name: withoutCredentials(serverHost.name) },
      }),
      model: withoutCredentials(header.model),
      dataset: { ...dataset, name: withoutCredentials(dataset.name) },
      settings: {
        env: this.values(settings.env),
        options: mapValues(settings.options, settingWithoutCredentials),
      },
      workload: mapValues(header.workload, jsonWithoutCredentials),
      target: target.why === undefined ? target : { ...target, why: this.text(target.why) },
    }
  }

  #request(record: RequestRecord): RequestRecord {
    const { item, error, doneReason, remoteHost, scores, prompt, answer } = record
    return {
      ...record,
      sample: shorten(withoutCredentials(record.sample), maxTextLength),
      ...(item !== undefined && { item: shorten(withoutCredentials(item), maxTextLength) }),
      ...(error !== undefined && { error: this.text(error, maxErrorLength) }),
      ...(doneReason !== undefined && { doneReason: this.text(doneReason, maxErrorLength) }),
      ...(remoteHost !== undefined && { remoteHost: this.text(remoteHost, maxErrorLength) }),
      ...(scores !== undefined && { scores: mapValues(scores, (score) => score) }),
      ...(prompt !== undefined && {
        prompt: shorten(withoutCredentials(prompt), maxLongTextLength),
      }),
      ...(answer !== undefined && {
        answer: shorten(withoutCredentials(answer), maxLongTextLength),
      }),
    }
  }

  #evidence(evidence: Evidence): Evidence {
    const { model } = evidence
    return {
      ...evidence,
      ...(model !== undefined && { model: withoutCredentials(model) }),
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

/** The text, or its beginning with a mark if it has more than `maxLength` characters. */
function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  // Removes half of a surrogate pair at the end.
  const cut = text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')
  return `${cut}…`
}

/** Applies `to` to each value, and removes credentials from the names. */
function mapValues<From, To>(
  values: Readonly<Record<string, From>>,
  to: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [withoutCredentials(name), to(value, name)]),
  )
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
