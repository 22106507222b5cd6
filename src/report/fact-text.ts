/** Facts about servers and machines, as a report says them. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { FactId, FactValue } from '../results/facts.ts'
import { bytes, integer } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import type { Words } from '../templates/words.ts'
import { parseJson } from '../json/parse-json.ts'

/** Facts in the table of differing settings, in this order; `layers` is both counts in one. */
export const settingFacts = [
  'computeDevice',
  'layers',
  'slots',
  'threads',
  'batchSize',
  'contextLength',
  'flashAttention',
  'kvCacheType',
  'modelDigest',
  'quantization',
  'parameterSize',
  'serverVersion',
  'containerImage',
  'containerImageDigest',
  'containerArchitecture',
  'containerCpus',
  'containerMemoryBytes',
  'hostOs',
  'cpuModel',
  'cpuCount',
  'memoryBytes',
] as const
export type SettingFact = (typeof settingFacts)[number]

/** What was seen over the trials of a config, values that differ side by side; undefined where nothing was. */
export function factText(
  id: SettingFact,
  { facts }: ConfigAnalysis,
  words: Words,
): string | undefined {
  if (id === 'layers') {
    const [offloaded, total] = [factText0('layersOffloaded'), factText0('layersTotal')]
    return offloaded === undefined
      ? undefined
      : total === undefined
        ? offloaded
        : `${offloaded}/${total}`
  }
  return factText0(id)

  function factText0(name: FactId): string | undefined {
    const values = facts.get(name)?.values ?? []
    return values.length === 0
      ? undefined
      : values.map((value) => valueText(name, value, words)).join(' / ')
  }
}

export function sourcesOf(id: SettingFact, { facts }: ConfigAnalysis): readonly string[] {
  const source = facts.get(id === 'layers' ? 'layersOffloaded' : id)?.source
  return source === undefined ? [] : [source]
}

function valueText(name: FactId, value: FactValue, words: Words): string {
  if (typeof value === 'boolean') return words.say(value ? 'quantity.yes' : 'quantity.no')
  if (typeof value === 'number') return name.endsWith('Bytes') ? bytes(value) : numberText(value)
  return name.endsWith('Digest') ? shortDigest(value) : oneLine(value)
}

function numberText(value: number): string {
  return Number.isInteger(value) ? integer(value) : String(value)
}

/** The first 12 digits, as Ollama itself shows them. */
export function shortDigest(digest: string): string {
  return oneLine(digest)
    .replace(/^sha256:/, '')
    .slice(0, 12)
}

/** The variables that the server says it recognises, with their effective values; undefined where it did not say. */
export function effectiveVariables({
  facts,
}: ConfigAnalysis): ReadonlyMap<string, string> | undefined {
  const [config] = facts.get('serverConfig')?.values ?? []
  if (typeof config !== 'string') return undefined
  const read = parseObject(config)
  return read && new Map(Object.entries(read).map(([name, value]) => [name, String(value)]))
}

function parseObject(json: string): object | undefined {
  const value = parseJson(json)
  return typeof value === 'object' && value !== null ? value : undefined
}
