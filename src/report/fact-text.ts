/** Facts about servers and machines as text. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { FactId, FactValue } from '../results/facts.ts'
import { bytes, decimalBytes, integer } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import type { Words } from '../templates/words.ts'
import { parseJson } from '../json/json.ts'

/** The rows of the table of differing settings, in order. `layers` combines two facts: offloaded and total. */
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
  'modelParameters',
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

/** The facts that a document can state, in the order in which the report lists them. */
const statableFacts = [...settingFacts, 'vramBytes', 'loadedSizeBytes'] as const
type StatableFact = (typeof statableFacts)[number]

/** What a source says about a recorded config: `GPU layers 0/29; Context 4,096`. Empty if it says nothing. */
export function statedFacts(source: string, side: ConfigAnalysis, words: Words): string {
  return statableFacts
    .filter((id) => side.config.kind === 'recorded' && sourcesOf(id, side).includes(source))
    .map((id) =>
      words.text('join.about', {
        name: words.text(`fact.${id}`),
        value: statedText(id, side, words) ?? '',
      }),
    )
    .join(words.text('join.parts'))
}

/** A stated fact as text. Memory of the model is in decimal units, as `ollama ps` prints it. */
function statedText(id: StatableFact, side: ConfigAnalysis, words: Words): string | undefined {
  if (id !== 'vramBytes' && id !== 'loadedSizeBytes') return factText(id, side, words)
  const [value] = side.facts.get(id)?.values ?? []
  return typeof value === 'number' ? decimalBytes(value) : undefined
}

/** Sorts by value, not by the order of the trials, which differs between runs. */
function byValue(one: FactValue, other: FactValue): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one) < String(other) ? -1 : 1
}

/**
 * A fact over all trials of a config, with different values in order, separated by ` / `; undefined if the fact is not
 * known.
 */
export function factText(
  id: SettingFact,
  { facts }: ConfigAnalysis,
  words: Words,
): string | undefined {
  if (id === 'layers') {
    const [offloaded, total] = [singleFact('layersOffloaded'), singleFact('layersTotal')]
    return offloaded === undefined
      ? undefined
      : total === undefined
        ? offloaded
        : `${offloaded}/${total}`
  }
  return singleFact(id)

  function singleFact(name: FactId): string | undefined {
    const values = facts.get(name)?.values ?? []
    return values.length === 0
      ? undefined
      : values
          .toSorted(byValue)
          .map((value) => valueText(name, value, words))
          .join(' / ')
  }
}

export function sourcesOf(id: StatableFact, { facts }: ConfigAnalysis): readonly string[] {
  const source = facts.get(id === 'layers' ? 'layersOffloaded' : id)?.source
  return source === undefined ? [] : [source]
}

/** A fact's value as text, with its unit. */
export function valueText(name: FactId, value: FactValue, words: Words): string {
  if (typeof value === 'boolean') return words.text(value ? 'quantity.yes' : 'quantity.no')
  if (typeof value === 'number') return name.endsWith('Bytes') ? bytes(value) : numberText(value)
  return name.endsWith('Digest') ? shortDigest(value) : oneLine(value)
}

function numberText(value: number): string {
  return Number.isInteger(value) ? integer(value) : String(value)
}

/**
 * The first 12 digits of a SHA-256 digest, as Ollama shows it. Any other text is only cleaned: shortening it could make
 * different values look the same.
 */
export function shortDigest(text: string): string {
  const [, start] = /^(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}$/.exec(text) ?? []
  return start ?? oneLine(text)
}

/** The variables that the server reads, with their effective values; undefined if its log does not list them. */
export function effectiveVariables({
  facts,
}: ConfigAnalysis): ReadonlyMap<string, string> | undefined {
  const [config] = facts.get('serverConfig')?.values ?? []
  if (typeof config !== 'string') return undefined
  const parsed = parseObject(config)
  return parsed && new Map(Object.entries(parsed).map(([name, value]) => [name, String(value)]))
}

function parseObject(json: string): object | undefined {
  const value = parseJson(json)
  return typeof value === 'object' && value !== null ? value : undefined
}
