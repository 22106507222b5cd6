/**
 * The inverse of `parseExperiment`. Input: an experiment. Output: the text of a file that means the same.
 * Configs keep their `from`, and are written with only what they do not inherit.
 */
import {
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
  Document,
  isMap,
  isPair,
  isScalar,
  visit,
} from 'yaml'
import { canonicalJson } from '../json/json.ts'
import { metricById } from '../metrics/catalog.ts'
import type {
  Claim,
  Dataset,
  Experiment,
  Load,
  MeasuredConfig,
  Model,
  OptionValue,
  RecordedConfig,
  RecordedFigure,
  RecordedValue,
  Workload,
} from './experiment.ts'
import { inherit } from './resolve/resolve-config.ts'
import {
  type WrittenConfig,
  type WrittenExperiment,
  writtenConfig,
  writtenExperiment,
} from './schema/written-experiment.ts'
import type { Path } from './source/source.ts'
import { writeTarget } from './schema/written-target.ts'
import { formatAmount, plainNumber, formatDuration } from './values/amount.ts'
import type { WrittenFigure } from './values/recorded-figure.ts'

type RecordedContent = Omit<RecordedConfig, 'measurementDigest'>
type ConfigContent = Omit<MeasuredConfig, 'measurementDigest'> | RecordedContent

/** An experiment that may not have a file yet. */
export interface ExperimentContent extends Omit<Experiment, 'id' | 'file' | 'configs'> {
  /** Each `from` names one of these configs. The variables and options of a config include those that it inherits. */
  readonly configs: readonly ConfigContent[]
  /** Path of the dataset from the folder of the file. Without it, the dataset is written in place. */
  readonly datasetFile?: string
}

/**
 * The text of the file: `parseExperiment` reads the same experiment from it. Only `inheritedOptions` may change, because a
 * config states no option that equals the one it would inherit.
 */
export function writeExperiment(content: ExperimentContent): string {
  return yamlText(toWrittenExperiment(content))
}

export interface YamlLayout {
  /** Comments at the top of the file, each on a line of its own. */
  readonly header?: readonly string[]
  /** Comments above keys. Several comments of one key keep this order. */
  readonly comments?: readonly { readonly path: Path; readonly text: string }[]
  /** True to write short mappings and lists on one line, and a blank line before each commented top-level key. */
  readonly isCompact?: boolean
}

/** YAML with a first line that tells editors where the schema is. */
export function yamlText(written: WrittenExperiment, layout: YamlLayout = {}): string {
  const { header = [], comments = [], isCompact = false } = layout
  const document = new Document(written, { aliasDuplicateObjects: false })
  for (const { path, text } of comments) {
    const key = keyNode(document, path)
    if (key === undefined) continue
    key.commentBefore = [...(key.commentBefore?.split('\n') ?? []), ` ${text}`].join('\n')
    if (isCompact && path.length === 1) key.spaceBefore = true
  }
  if (isCompact) visit(document, { Collection: compact })
  const lines = ['yaml-language-server: $schema=./experiment.schema.json', ...header]
  const yaml = document.toString({ lineWidth: 0, flowCollectionPadding: false })
  return `${lines.map((line) => `# ${line}\n`).join('')}${header.length === 0 ? '' : '\n'}${yaml}`
}

const maxCompactLength = 70

/** Writes a collection on one line if it is short and none of its keys has a comment. The top-level mapping is never written on one line. */
function compact(_: unknown, node: YAMLMap | YAMLSeq, path: readonly unknown[]): void {
  const hasComment = node.items.some(
    (item) => isPair(item) && isScalar(item.key) && item.key.commentBefore !== undefined,
  )
  node.flow = path.length > 2 && !hasComment && JSON.stringify(node).length <= maxCompactLength
}

function keyNode(document: Document, path: Path): Scalar | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
    : undefined
  return isScalar(pair?.key) ? pair.key : undefined
}

/** The experiment as people would write it. Defaults are written out; keys that configs inherit are not. */
export function toWrittenExperiment(content: ExperimentContent): WrittenExperiment {
  const { locales, until, rounds, budgetMs, workload, hypotheses, hardware, tags } = content
  return writtenExperiment.parse({
    title: content.title,
    question: content.question,
    locale: locales.length === 1 ? locales[0] : locales,
    tags: tags.length === 0 ? undefined : tags,
    follows: content.follows,
    hardware: unlessEmpty(hardware),
    model: content.model && writeModel(content.model),
    dataset: content.datasetFile ?? (content.dataset && writeDataset(content.dataset)),
    keep: content.keep,
    workload: workload && writeWorkload(workload, content.options ?? {}),
    rounds: until === undefined ? rounds : undefined,
    looks: content.looks,
    until: until && { ...until, halfWidth: `${plainNumber(until.halfWidth)}%` },
    budget: budgetMs === undefined ? undefined : formatDuration(budgetMs),
    whenUnavailable: content.whenUnavailable,
    configs: writeConfigs(content),
    baseline: content.baseline,
    hypotheses:
      hypotheses.length === 0
        ? undefined
        : hypotheses.map(({ id, statement, claim, gate }) => ({
            id,
            statement,
            claim: writeClaim(claim),
            gate: gate || undefined,
          })),
    estimates: content.estimates,
    show: content.show.length === 0 ? undefined : content.show,
    analysis: content.analysis,
  })
}

/** The configs in the order of `content`. Each states only how it differs from the one that it inherits from. */
function writeConfigs(content: ExperimentContent): Record<string, WrittenConfig> {
  const byKey = new Map(content.configs.map((config) => [config.key, config]))
  const done = new Map<string, WrittenConfig>()
  const write = (config: ConfigContent): void => {
    if (done.has(config.key)) return
    const parent = config.from === undefined ? undefined : byKey.get(config.from)
    if (parent !== undefined) write(parent)
    const inherited = parent && inherit(done, parent.key)
    done.set(
      config.key,
      writtenConfig.parse(defined(ownKeys(config, inherited ?? {}, parent, content))),
    )
  }
  content.configs.forEach(write)
  return Object.fromEntries(
    content.configs.flatMap(({ key }) => {
      const written = done.get(key)
      return written === undefined ? [] : [[key, written]]
    }),
  )
}

/** The keys that the config must state itself, because their values differ from what it inherits. */
function ownKeys(
  config: ConfigContent,
  inherited: WrittenConfig,
  parent: ConfigContent | undefined,
  content: ExperimentContent,
): object {
  const { label, group, from, env } = config
  const isMeasured = config.kind === 'measured'
  const defaultOptions = isMeasured ? content.options : {}
  const commonFields: Partial<Record<keyof WrittenConfig, unknown>> = {
    label,
    group: group === (parent?.group ?? label) ? undefined : group,
    from,
    env: unlessEmpty(differing(env, inherited.env ?? {})),
    options: unlessEmpty(differing(config.options, { ...defaultOptions, ...inherited.options })),
    accept: unlessSame(config.accept, inherited.accept ?? []),
  }
  if (!isMeasured)
    return { ...commonFields, recorded: unlessSame(writeDocument(config), inherited.recorded) }
  const defaultModel = content.model && writeModel(content.model)
  return {
    ...commonFields,
    target: unlessSame(writeTarget(config.target), inherited.target),
    host: unlessSame(config.host, inherited.host),
    model: unlessSame(writeModel(config.model), inherited.model ?? defaultModel),
    settle: unlessSame(formatDuration(config.settleMs), inherited.settle ?? formatDuration(0)),
  }
}

function writeDocument({ source, date, figures, facts, log }: RecordedContent) {
  const metrics = Object.fromEntries(figures.map((each) => [each.metric, writeFigure(each)]))
  return defined({ source, date, metrics, facts: facts?.written, log: log?.path })
}

function writeFigure({ metric, runs, spread, ...own }: RecordedFigure): WrittenFigure {
  const unit = metricById(metric)?.unit ?? 'count'
  const text = ({ value, counts, approximate }: RecordedValue, after = '') => {
    const share = counts === undefined ? '' : ` (${counts.part}/${counts.whole})`
    return `${approximate === true ? '~' : ''}${formatAmount(value, unit)}${after}${share}`
  }
  if (runs !== undefined) return runs.map((run) => text(run))
  if (spread === undefined) return text(own)
  const value = text(own, ` ± ${formatAmount(spread.value, unit)}`)
  if (spread.kind === undefined && spread.runs === undefined) return value
  return { value, spread: spread.kind, runs: spread.runs }
}

function writeModel({ name, ...details }: Model): object | string {
  return Object.keys(details).length === 0 ? name : { name, ...details }
}

function writeDataset({ name, samples, checks }: Dataset): object {
  return {
    name,
    samples: samples.map(({ fields, expected }) => ({
      ...fields,
      expected: unlessEmpty(expected),
    })),
    checks: checks.length === 0 ? undefined : checks,
  }
}

function writeWorkload(
  { load, warmupRequests, timeoutMs, ...rest }: Workload,
  options: Readonly<Record<string, OptionValue>>,
): object {
  const { api, system, prompt, think, format, keepAlive, cache } = rest
  return {
    api,
    system,
    prompt,
    options: unlessEmpty(options),
    think,
    format,
    keepAlive,
    load: writeLoad(load),
    warmup: { requests: warmupRequests },
    cache,
    timeout: formatDuration(timeoutMs),
  }
}

function writeLoad(load: Load): object {
  if (load.kind === 'open') {
    const duration = formatDuration(load.durationMs)
    return { rate: `${plainNumber(load.ratePerSecond)}/s`, arrival: load.arrival, duration }
  }
  const { rampMs } = load
  const ramp = typeof rampMs === 'number' ? formatDuration(rampMs) : rampMs
  if (load.kind === 'closed-requests') return { users: load.users, requests: load.requests, ramp }
  const { users, atLeast, durationMs, atMostMs } = load
  return {
    users,
    duration: formatDuration(durationMs),
    atLeast: atLeast === 0 ? undefined : atLeast,
    atMost: atLeast === 0 && atMostMs === durationMs ? undefined : formatDuration(atMostMs),
    ramp,
  }
}

function writeClaim(claim: Claim): object {
  const { metric, config } = claim
  if (claim.kind === 'value') return { metric, config, value: claim.threshold.text }
  const { versus } = claim
  if (claim.kind === 'same') return { metric, config, versus, same: claim.text }
  return { metric, config, versus, [claim.kind]: claim.threshold.text }
}

/** The entries whose value differs from the value in `base`. */
function differing(
  values: Readonly<Record<string, unknown>>,
  base: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !isSame(value, base[name])),
  )
}

/** Removes the keys whose value is undefined, because they would override what a config inherits. */
function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function unlessEmpty<T extends object>(values: T): T | undefined {
  return Object.keys(values).length === 0 ? undefined : values
}

function unlessSame<T>(value: T, inherited: unknown): T | undefined {
  return isSame(value, inherited) ? undefined : value
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson({ one }) === canonicalJson({ one: other })
}
