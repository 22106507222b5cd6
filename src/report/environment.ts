/** The environment of the measurement: device, model, server, dataset, load and time, declared and detected. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { plannedRounds } from '../analysis/config-analysis.ts'
import { contradictsMachine, contradictsSize } from '../analysis/declared-hardware.ts'
import { documentSource, excerptSource } from '../analysis/trial-facts.ts'
import { hasConversations, sampleGroups } from '../experiment/conversations.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { imageOf, isSameTarget, kindFacts } from '../experiment/target-kinds.ts'
import type { FactId, FactValue } from '../results/facts.ts'
import type { Context } from './context.ts'
import { loadTexts, mixText } from './workload-text.ts'
import { period } from '../format/date.ts'
import { factText, shortDigest, statedFacts, type SettingFact } from './fact-text.ts'
import { bytes, integer } from '../format/number.ts'
import { inline, inlineCode, type Markdown } from '../markdown/markdown.ts'
import { loadGeneratorTexts } from './load-generator.ts'
import { mixModels, modelSize } from './mix-models.ts'
import { oneLine } from '../format/plain-text.ts'
import type { EnvironmentView } from './view.ts'

export function environmentView(context: Context): EnvironmentView {
  const { analysis, words } = context
  const measured = measuredConfigs(context)
  const ofMix = mixModels(measured, context)
  const digests = unique(
    measured.flatMap(({ facts }) => facts.get('modelDigest')?.values.map(String) ?? []),
  )
  return {
    ...devices(context),
    model: orNull(ofMix ?? modelTexts(measured, context), words.text('join.list')),
    modelFacts: ofMix === undefined ? modelFacts(measured, context) : null,
    modelDigest:
      ofMix === undefined && digests.length === 1
        ? inline(inlineCode(shortDigest(digests[0] ?? '')))
        : null,
    planned:
      measured.every(({ trials }) => trials.length === 0) &&
      analysis.configs.some(({ state }) => state === 'recorded'),
    server: orNull(
      unique(servers(measured).map((config) => server(config, context))),
      words.text('join.list'),
    ),
    computeDevice: commonDevice(measured, context),
    engine: orNull(unique(measured.map((config) => containerEngineText(config, context))), '; '),
    elsewhere: loadGeneratorTexts(measured, context),
    dataset: orNull(datasetTexts(measured, context), words.text('join.list')),
    load: load(measured, context),
    testedAt: analysis.period ? period(analysis.period.from, analysis.period.to) : null,
    recordedAt: orNull(
      unique(analysis.configs.map(({ config }) => (config.kind === 'recorded' ? config.date : ''))),
      words.text('join.list'),
    ),
    stated: context.tables.first(analysis.configs.flatMap((each) => statedBy(each, context))),
  }
}

/** What a document, and its log excerpt, say about the server of a recorded config. */
function statedBy(side: ConfigAnalysis, { labels, words }: Context): EnvironmentView['stated'] {
  return ([documentSource, excerptSource] as const).flatMap((source) => {
    const facts = statedFacts(source, side, words)
    if (facts === '') return []
    return [{ config: labels.full(side.config.key), source: words.text(`source.${source}`), facts }]
  })
}

/** The detected machines; and the declared device, if figures are recorded or no machine was detected. */
function devices(context: Context): Pick<EnvironmentView, 'device' | 'detected' | 'ofRecorded'> {
  const { analysis } = context
  const machines = detectedMachines(context)
  const ofRecorded = analysis.configs.some(({ state }) => state === 'recorded')
  return {
    device: ofRecorded || machines === null ? declaredDevice(context) : null,
    detected: machines,
    ofRecorded,
  }
}

/** Each machine once; with the names of its configs, if there are several. */
function detectedMachines(context: Context): string | null {
  const { labels, words } = context
  const configsOf = new Map<string, string[]>()
  for (const measured of measuredConfigs(context)) {
    const device = detectedHardware(measured, context)
    if (device === '') continue
    configsOf.set(device, [...(configsOf.get(device) ?? []), labels.full(measured.config.key)])
  }
  const devices = [...configsOf].map(([device, configs]) =>
    configsOf.size === 1
      ? device
      : words.text('device.of', { device, configs: configs.join(words.text('join.list')) }),
  )
  return orNull(devices, '; ')
}

/** A warning if the declared hardware is not that of a machine on which a config was measured. */
export function hardwareWarnings(context: Context): readonly Markdown[] {
  const { experiment, words } = context
  const declared = declaredDevice(context)
  const others = measuredConfigs(context).filter((config) =>
    contradictsMachine(experiment.hardware, config),
  )
  const machines = orNull(unique(others.map((config) => detectedHardware(config, context))), '; ')
  if (declared === null || machines === null) return []
  return [words.markdown('answer.otherHardware', { declared, detected: machines })]
}

/** Warnings about measured models whose size or digest differs from the one in the file. */
export function modelWarnings(context: Context): readonly Markdown[] {
  const { words } = context
  const warnings = measuredConfigs(context).flatMap(({ config, facts, trials }) => {
    if (trials.some(({ header }) => kindFacts(header.target.actual).isSynthetic)) return []
    const { name: model, size = '', digest = '' } = config.model
    const sizes = (facts.get('modelSizeBytes')?.values ?? []).map(Number)
    const digests = (facts.get('modelDigest')?.values ?? []).map(hexDigits)
    return [
      ...sizes
        .filter((actual) => contradictsSize(size, actual))
        .map((actual) => ({ declared: size, detected: modelSize(actual) }))
        .map((sides) => words.markdown('answer.otherModelSize', { model, ...sides })),
      ...digests
        .filter((found) => !found.startsWith(digest))
        .map((found) => ({ declared: digest.slice(0, 12), detected: found.slice(0, 12) }))
        .map((sides) => words.markdown('answer.otherModel', { model, ...sides })),
    ]
  })
  return [...new Map(warnings.map((warning) => [warning.source, warning])).values()]
}

function hexDigits(digest: FactValue): string {
  return String(digest).replace(/^sha256:/, '')
}

type Measured = ConfigAnalysis & { readonly config: MeasuredConfig }

function measuredConfigs({ analysis }: Context): readonly Measured[] {
  return analysis.configs.filter((each): each is Measured => each.config.kind === 'measured')
}

/** The declared device: `MacBook Pro M1 Pro (32GB 内存, 8核 CPU)`. */
function declaredDevice({ experiment: { hardware }, words }: Context): string | null {
  const { device: name, ...rest } = hardware
  const details = Object.entries(rest).map(([key, value]) => {
    if (key === 'memory') return words.text('hardware.memory', { value })
    if (key === 'cpu') return words.text('hardware.cpu', { value })
    return `${key}: ${value}`
  })
  if (name === undefined) return orNull(details, ', ')
  return details.length === 0 ? name : `${name} (${details.join(', ')})`
}

/** The machine of a config in one line; empty if no fact about it is known. */
function detectedHardware({ facts }: ConfigAnalysis, { words }: Context): string {
  const first = (id: FactId) => facts.get(id)?.values[0]
  const number = (id: FactId) => {
    const value = first(id)
    return typeof value === 'number' ? value : undefined
  }
  const [performance, efficiency, count] = [
    number('performanceCores'),
    number('efficiencyCores'),
    number('cpuCount'),
  ]
  const memory = number('memoryBytes')
  const cores =
    performance !== undefined && efficiency !== undefined && efficiency > 0
      ? words.text('detected.performanceCores', { performance, efficiency })
      : count === undefined
        ? ''
        : words.text('detected.cores', { count })
  return [
    text(first('cpuModel')),
    cores,
    memory === undefined ? '' : words.text('detected.memory', { value: bytes(memory) }),
    first('gpu') === 'none' ? words.text('detected.noGpu') : text(first('gpu')),
    text(first('hostOs')),
    first('powerSource') === 'battery' ? words.text('detected.battery') : '',
    first('powerMode') === 'low' ? words.text('detected.lowPower') : '',
  ]
    .filter((part) => part !== '')
    .join(words.text('join.clauses'))
}

/** CPUs and memory of a container engine in a virtual machine, such as Docker Desktop; empty if it has the whole machine. */
function containerEngineText({ facts }: ConfigAnalysis, { words }: Context): string {
  const number = (id: FactId) => Number(facts.get(id)?.values[0] ?? Number.NaN)
  const [cpus, memory] = [number('engineCpus'), number('engineMemoryBytes')]
  // The same memory differs by what the kernel keeps for itself.
  const isWhole =
    cpus >= number('cpuCount') && memory >= number('memoryBytes') * minShareOfWholeMemory
  if (Number.isNaN(cpus) || Number.isNaN(memory) || isWhole) return ''
  return words.text('detected.engine', {
    name: text(facts.get('engineHost')?.values[0]),
    version: text(facts.get('engineVersion')?.values[0]),
    cpus,
    memory: bytes(memory),
  })
}

const minShareOfWholeMemory = 0.95

function text(value: unknown): string {
  return typeof value === 'string' ? oneLine(value) : ''
}

function modelTexts(measured: readonly Measured[], { words }: Context): readonly string[] {
  return unique(
    measured.map(({ config: { model } }) =>
      model.size === undefined
        ? model.name
        : words.text('model.size', { name: model.name, size: model.size }),
    ),
  )
}

function modelFacts(measured: readonly Measured[], { words }: Context): string | null {
  const commonFact = (id: SettingFact) => {
    const values = unique(measured.map((config) => factText(id, config, words) ?? ''))
    return values.length === 1 ? (values[0] ?? '') : ''
  }
  const parameters = commonFact('parameterSize')
  const facts = orNull(
    [
      commonFact('quantization'),
      parameters === '' ? '' : words.text('model.parameters', { value: parameters }),
    ].filter((part) => part !== ''),
    words.text('join.clauses'),
  )
  const trials = measured.flatMap((config) => config.trials)
  const isSynthetic = trials.every(({ header }) => kindFacts(header.target.actual).isSynthetic)
  return facts === null || trials.length === 0 || !isSynthetic
    ? facts
    : words.text('model.synthetic', { facts })
}

/** The configs whose servers are listed: of those with the same target, the ones whose server is known best. */
function servers(measured: readonly Measured[]): readonly Measured[] {
  const known = ({ facts, trials }: Measured) =>
    facts.has('serverVersion') ? 2 : Math.min(1, trials.length)
  return measured.filter(
    (member) =>
      !measured.some(
        (other) =>
          known(other) > known(member) && isSameTarget(other.config.target, member.config.target),
      ),
  )
}

function server(member: Measured, { words }: Context): string {
  const { config, trials } = member
  const version = factText('serverVersion', member, words) ?? words.text('server.noVersion')
  const kind = trials.at(-1)?.header.target.actual ?? config.target.kind
  const own = words.text(`server.${kind}`, { version, image: imageOf(config.target) ?? '' })
  const machine = trials.at(-1)?.header.serverHost?.name
  const name =
    machine === undefined ? own : words.text('server.onMachine', { server: own, machine })
  const proxies = (member.facts.get('proxy')?.values ?? []).map((value) => oneLine(String(value)))
  if (proxies.length === 0) return name
  return words.text('server.throughProxy', { server: name, proxy: proxies.join(' / ') })
}

/** The compute device of all measured configs; null if they differ or if it is not known of all. */
function commonDevice(measured: readonly Measured[], { words }: Context): string | null {
  const devices = new Set(measured.map((member) => factText('computeDevice', member, words)))
  const [only] = devices
  return devices.size === 1 ? (only ?? null) : null
}

function datasetTexts(measured: readonly Measured[], { words }: Context): readonly string[] {
  return unique(
    measured.map(({ config: { dataset } }) => {
      // Of a private dataset, other machines know only the number of samples.
      if (dataset.isPrivate !== true && hasConversations(dataset.samples))
        return words.text('dataset.conversations', {
          name: dataset.name,
          conversations: sampleGroups(dataset.samples).length,
          turns: dataset.samples.length,
        })
      const count = dataset.notOnThisMachine?.samples ?? dataset.samples.length
      return words.text('dataset.samples', { name: dataset.name, count: integer(count) })
    }),
  )
}

function load(measured: readonly Measured[], context: Context): string | null {
  const { words } = context
  if (measured.length === 0) return null
  const requests = measured
    .flatMap(({ trials }) => trials)
    .reduce((sum, { end }) => sum + (end?.counts.sent ?? 0), 0)
  return [
    ...loadTexts(measured, words),
    ...unique(measured.map(({ config }) => mixText(config.workload, words) ?? '')),
    roundsText(context),
    ...(requests === 0 ? [] : [words.text('load.requests', { count: integer(requests) })]),
  ].join(words.text('join.clauses'))
}

function roundsText({ analysis, experiment, words }: Context): string {
  const { min, max, overridden } = plannedRounds(analysis.configs, experiment.rounds)
  const count = min === max ? integer(max) : `${integer(min)}–${integer(max)}`
  if (!overridden) return words.text('load.rounds', { count })
  const word = max > experiment.rounds ? 'load.moreRounds' : 'load.fewerRounds'
  return words.text(word, { count, file: integer(experiment.rounds) })
}

/** Each value once, in order of first appearance, without empty ones. */
function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== ''))]
}

function orNull(values: readonly string[], separator: string): string | null {
  return values.length === 0 ? null : values.join(separator)
}
