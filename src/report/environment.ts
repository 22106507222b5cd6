/** The environment of the measurement: device, model, server, dataset, load and time, declared and detected. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { plannedRounds } from '../analysis/config-analysis.ts'
import { contradictsSize } from '../analysis/declared-hardware.ts'
import { documentSource, excerptSource } from '../analysis/trial-facts.ts'
import { hasConversations, sampleGroups } from '../experiment/conversations.ts'
import { modelsOf } from '../experiment/mix.ts'
import { imageOf, isSameTarget, kindFacts } from '../experiment/target-kinds.ts'
import type { FactValue } from '../results/facts.ts'
import type { Context } from './context.ts'
import { loadTexts, mixText } from './workload-text.ts'
import { period } from '../format/date.ts'
import {
  containerEngineText,
  devices,
  measuredConfigs,
  orNull,
  unique,
  type Measured,
} from './devices.ts'
import { factText, shortDigest, statedFacts, type SettingFact } from './fact-text.ts'
import { fixed, integer } from '../format/number.ts'
import { inline, inlineCode, type Markdown } from '../markdown/markdown.ts'
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

/** The configs whose servers are listed: among configs with the same target, those with the most facts about it. */
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
      // Machines without a private dataset know only its number of samples.
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

const noFacts: ConfigAnalysis['facts'] = new Map()

/** Each model of the configs with its own facts; undefined if no config has a mix. */
function mixModels(
  measured: readonly Measured[],
  { words }: Context,
): readonly string[] | undefined {
  if (measured.every(({ config }) => config.workload.mix === undefined)) return undefined
  const texts = measured.flatMap((member) =>
    modelsOf(member.config).map(({ name, size = '' }, index) => {
      const facts = index === 0 ? member.facts : (member.otherModels?.get(name) ?? noFacts)
      const fact = (id: SettingFact) => factText(id, { ...member, facts }, words) ?? ''
      const [parameters, digest] = [fact('parameterSize'), fact('modelDigest')]
      const sizeOnDisk = facts.get('modelSizeBytes')?.values[0]
      const known = [
        typeof sizeOnDisk === 'number' ? modelSize(sizeOnDisk) : size,
        fact('quantization'),
        parameters === '' ? '' : words.text('model.parameters', { value: parameters }),
        digest === '' ? '' : words.text('model.digest', { value: digest }),
      ].filter((text) => text !== '')
      return known.length === 0
        ? name
        : words.text('model.size', { name, size: known.join(words.text('join.clauses')) })
    }),
  )
  return [...new Set(texts)]
}

/** In decimal units, in which Ollama shows the sizes of models. */
function modelSize(size: number): string {
  return size < 1e9 ? `${fixed(size / 1e6, 0)} MB` : `${fixed(size / 1e9, 1)} GB`
}

/** A text for each other machine with servers of the configs; empty if all servers ran beside the load generator. */
function loadGeneratorTexts(
  measured: readonly ConfigAnalysis[],
  { words, labels }: Context,
): readonly string[] {
  const hosts = measured.flatMap(({ trials }) =>
    trials.flatMap(({ header }) => header.serverHost ?? []),
  )
  const machines = new Map(hosts.map(({ name, via }) => [`${via} ${name}`, { name, via }]))
  return [...machines.values()].map(({ name, via }) => {
    const there = measured.flatMap(({ config, trials }) => {
      const onMachine = trials.filter(
        ({ header: { serverHost: host } }) => host?.name === name && host.via === via,
      )
      return onMachine.length === 0 ? [] : [{ config, trials: onMachine }]
    })
    const times = there.flatMap(({ trials }) =>
      trials.flatMap(({ evidence }) =>
        evidence.flatMap(({ facts: { roundTripMs: time } }) =>
          typeof time === 'number' ? [time] : [],
        ),
      ),
    )
    return words.text(`elsewhere.${via}`, {
      machine: name,
      configs: there.map(({ config }) => labels.full(config.key)).join(words.text('join.list')),
      roundTrip:
        times.length === 0
          ? ''
          : words.text('elsewhere.roundTrip', {
              low: fixed(Math.min(...times), 2),
              high: fixed(Math.max(...times), 2),
              trials: times.length,
            }),
    })
  })
}
