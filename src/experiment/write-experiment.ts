/**
 * The inverse of `parseExperiment`. Input: an experiment. Output: the text of a file that means the same. Configs keep
 * their `from`, and are written with only what they do not inherit. The cells of a grid are written as configs, and
 * claims about its factors as claims about two of them. The levels of a load or a search are written as configs, too,
 * without claims about the capacity, which concern all levels together. The settings of a race are written as its space.
 */
import { metricById } from '../metrics/catalog.ts'
import type { Dataset, Sample } from './dataset.ts'
import type {
  Claim,
  Experiment,
  MeasuredConfig,
  RecordedConfig,
  RecordedFigure,
  RecordedValue,
} from './experiment.ts'
import { conversationsOf } from './conversations.ts'
import { inherit } from './resolve/resolve-config.ts'
import {
  type WrittenConfig,
  type WrittenExperiment,
  writtenConfig,
  writtenExperiment,
} from './schema/written-experiment.ts'
import { defaultMaxConfigs } from './vary/grid-problems.ts'
import { writeTarget } from './schema/written-target.ts'
import { textsOf } from './in-locale.ts'
import { type ExperimentTexts } from './texts.ts'
import { formatAmount, plainNumber, formatDuration } from './values/amount.ts'
import type { WrittenFigure } from './values/recorded-figure.ts'
import { writeTuning } from './write-tuning.ts'
import { changedWorkload, writeModel, writeWorkload } from './write-workload.ts'
import { defined, differing, isSame, unlessEmpty, unlessSame } from './written-keys.ts'
import { yamlText } from './yaml-text.ts'

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
 * The text of the file: `parseExperiment` reads the same experiment from it. Only `inheritedOptions` may change,
 * because a config states no option that equals the one it would inherit.
 */
export function writeExperiment(content: ExperimentContent): string {
  return yamlText(toWrittenExperiment(content))
}

/** The experiment as people would write it. Defaults are written out; keys that configs inherit are not. */
export function toWrittenExperiment(content: ExperimentContent): WrittenExperiment {
  const { locales, until, rounds, budgetMs, workload, hypotheses, hardware, tags, objectives } =
    content
  const text = textWriter(content)
  return writtenExperiment.parse({
    title: text(({ title }) => title),
    question: text(({ question }) => question),
    locale: locales.length === 1 ? locales[0] : locales,
    tags: tags.length === 0 ? undefined : tags,
    follows: content.follows,
    hardware: unlessEmpty(
      Object.fromEntries(
        Object.keys(hardware).map((name) => [name, text((texts) => texts.hardware[name])]),
      ),
    ),
    model: content.model && writeModel(content.model),
    dataset: content.datasetFile ?? (content.dataset && writeDataset(content.dataset, text)),
    keep: content.keep,
    workload: workload && writeWorkload(workload, content.options ?? {}),
    rounds: until === undefined && content.tuning === undefined ? rounds : undefined,
    slo:
      objectives &&
      Object.fromEntries(objectives.map(({ metric, threshold }) => [metric, threshold.text])),
    looks: content.looks,
    until: until && { ...until, halfWidth: `${plainNumber(until.halfWidth)}%` },
    budget: budgetMs === undefined ? undefined : formatDuration(budgetMs),
    whenUnavailable: content.whenUnavailable,
    configs: writeConfigs(content),
    maxConfigs: maxConfigsOf(content),
    tune: content.tuning && writeTuning(content.tuning, content.configs),
    baseline: content.baseline,
    rankBy: content.rankBy,
    hypotheses: unlessEmpty(
      hypotheses.flatMap(({ id, claim, gate }, index) =>
        content.series?.some(({ key }) => key === claim.config) === true
          ? []
          : [
              {
                id,
                statement: text(({ statements }) => statements[index]),
                claim: writeClaim(claim),
                gate: gate || undefined,
              },
            ],
      ),
    ),
    estimates: text(({ estimates }) => estimates),
    show: content.show.length === 0 ? undefined : content.show,
    analysis: text(({ analysis }) => analysis),
  })
}

/** `maxConfigs`, if the grid is larger than the default maximum. */
function maxConfigsOf({ tuning }: ExperimentContent): number | undefined {
  const count = tuning?.grid.cells.length ?? 0
  return count > defaultMaxConfigs ? count : undefined
}

type TextWriter = (select: (texts: ExperimentTexts) => unknown) => unknown

/** Returns a function that writes a text once if it is the same in all languages, or else by locale. */
function textWriter(content: ExperimentContent): TextWriter {
  const { texts } = content
  if (texts === undefined) {
    const only = textsOf(content)
    return (select) => select(only)
  }
  return (select) => {
    const written = Object.entries(texts).map(([locale, each]) => [locale, select(each)] as const)
    const [first] = written
    return written.every(([, value]) => isSame(value, first?.[1]))
      ? first?.[1]
      : defined(Object.fromEntries(written))
  }
}

/** The configs in the order of `content`. Each states only how it differs from the one that it inherits from. */
function writeConfigs(content: ExperimentContent): Record<string, WrittenConfig> {
  const byKey = new Map(content.configs.map((config) => [config.key, config]))
  const text = textWriter(content)
  const texts = new Map(
    content.configs.map(({ key }, index) => [
      key,
      {
        label: text(({ configs }) => configs[index]?.label),
        group: text(({ configs }) => configs[index]?.group),
        source: text(({ configs }) => configs[index]?.source),
      },
    ]),
  )
  const done = new Map<string, WrittenConfig>()
  const write = (config: ConfigContent): void => {
    if (done.has(config.key)) return
    const parent = config.from === undefined ? undefined : byKey.get(config.from)
    if (parent !== undefined) write(parent)
    const inherited = parent && inherit(done, parent.key)
    done.set(
      config.key,
      writtenConfig.parse(defined(changedKeys(config, inherited ?? {}, texts, content))),
    )
  }
  content.configs.forEach(write)
  const racing = new Set(content.tuning?.grid.cells.map(({ config }) => config))
  racing.delete(content.tuning?.grid.base ?? '')
  return Object.fromEntries(
    content.configs.flatMap(({ key }) => {
      const written = done.get(key)
      return written === undefined || racing.has(key) ? [] : [[key, written]]
    }),
  )
}

/** The keys that the config must state itself, because their values differ from what it inherits. */
function changedKeys(
  config: ConfigContent,
  inherited: WrittenConfig,
  texts: ReadonlyMap<string, Readonly<Record<'label' | 'group' | 'source', unknown>>>,
  content: ExperimentContent,
): object {
  const { from, env } = config
  const { label, group, source } = texts.get(config.key) ?? {}
  const parent = from === undefined ? undefined : texts.get(from)
  const isMeasured = config.kind === 'measured'
  const defaultOptions = isMeasured ? content.options : {}
  const commonFields: Partial<Record<keyof WrittenConfig, unknown>> = {
    label,
    group: unlessSame(group, parent?.group ?? label),
    from,
    env: unlessEmpty(differing(env, inherited.env ?? {})),
    options: unlessEmpty(differing(config.options, { ...defaultOptions, ...inherited.options })),
    accept: unlessSame(config.accept, inherited.accept ?? []),
  }
  if (!isMeasured)
    return {
      ...commonFields,
      recorded: unlessSame(writeDocument(config, source), inherited.recorded),
    }
  const defaultModel = content.model && writeModel(content.model)
  return {
    ...commonFields,
    ...changedWorkload(config.workload, inherited, content.workload),
    dataset: unlessSame(config.datasetFile, inherited.dataset),
    target: unlessSame(writeTarget(config.target), inherited.target),
    host: unlessSame(config.host, inherited.host),
    model: unlessSame(writeModel(config.model), inherited.model ?? defaultModel),
    settle: unlessSame(formatDuration(config.settleMs), inherited.settle ?? formatDuration(0)),
  }
}

function writeDocument({ date, figures, facts, log }: RecordedContent, source: unknown) {
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

function writeDataset({ name, samples, checks }: Dataset, text: TextWriter): object {
  return {
    name,
    samples: conversationsOf(samples).map(writeSample),
    checks:
      checks.length === 0
        ? undefined
        : checks.map((check) =>
            defined({ ...check, label: text((texts) => texts.checks[check.name]) }),
          ),
  }
}

/** @param samples one sample, or the turns of a conversation */
function writeSample([first, ...others]: readonly Sample[]): object {
  if (first?.turn === undefined) return first === undefined ? {} : writeFields(first)
  const turns = [first, ...others].map((sample) => {
    const { id: _, ...turn } = writeFields(sample)
    return defined(turn)
  })
  return { id: first.turn.conversation, turns }
}

function writeFields({ fields, expected, images }: Sample): Record<string, unknown> {
  return {
    ...fields,
    images: images?.map(({ path }) => path),
    expected: unlessEmpty(expected),
  }
}

function writeClaim(claim: Claim): object {
  const { metric, config } = claim
  if (claim.kind === 'value') return { metric, config, value: claim.threshold.text }
  const { versus } = claim
  if (claim.kind === 'same') return { metric, config, versus, same: claim.text }
  return { metric, config, versus, [claim.kind]: claim.threshold.text }
}
