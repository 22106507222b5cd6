/**
 * The settings of configs as code to paste: shell exports or Compose services. A comment on each setting says what it
 * does, and whether the evidence shows that it took effect.
 */
import { forShell } from '../errors/quote.ts'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Config, MeasuredConfig } from '../experiment/experiment.ts'
import type { OptionValue } from '../experiment/model.ts'
import { composeKeys, kindFacts, machineNamedBy } from '../experiment/target-kinds.ts'
import type { Context } from './context.ts'
import { codeBlock, type Markdown } from '../markdown/markdown.ts'
import { seriesLabel } from './capacity-text.ts'
import type { LoadSeries } from '../experiment/levels/load-series.ts'
import { inheritsAllOptions, optionComment, variableComment } from './setting-comments.ts'

interface Line {
  readonly code: string
  readonly comment?: string
}

/** The code blocks of a group: one with all exports, or one Compose service per config. */
export function settingsCode(
  all: readonly ConfigAnalysis[],
  context: Context,
): readonly Markdown[] {
  const members = all.filter(({ config }) => !isLowerLevel(config.key, context))
  const inDocker = members.some(
    ({ config }) => config.kind === 'measured' && kindFacts(config.target.kind).isContainer,
  )
  const options = optionBlocks(members, context).map((lines) => ({ lang: 'yaml', lines }))
  const settings = inDocker
    ? members.map((member) => ({ lang: 'yaml', lines: composeLines(member, context) }))
    : [{ lang: 'bash', lines: joinParts(members.map((member) => exportLines(member, context))) }]
  const blocks = inDocker
    ? settings.flatMap((each, index) => [each, ...options.slice(index, index + 1)])
    : [...settings, ...options]
  return blocks
    .filter(({ lines }) => lines.length > 0)
    .map(({ lang, lines }) => codeBlock(lang, alignComments(lines)))
}

/** Joins the parts, with an empty line between them. */
function joinParts(parts: readonly (readonly Line[])[]): readonly Line[] {
  return parts
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : [{ code: '' }, ...lines]))
}

function exportLines(member: ConfigAnalysis, context: Context): readonly Line[] {
  const variables = Object.entries(member.config.env)
  if (variables.length === 0) return []
  const title = { code: `# ${blockTitle(member, context)}` }
  return [
    title,
    ...variables.map(([name, value]) => ({
      code: `export ${name}=${forShell(value)}`,
      comment: variableComment(name, value, member, context),
    })),
  ]
}

function composeLines(member: ConfigAnalysis, context: Context): readonly Line[] {
  const container = member.config.kind === 'measured' ? containerLines(member.config, context) : []
  const variables = Object.entries(member.config.env).map(([name, value]) => ({
    code: `  - ${forYaml(`${name}=${value}`)}`,
    comment: variableComment(name, value, member, context),
  }))
  if (container.length + variables.length === 0) return []
  const environment = variables.length === 0 ? [] : [{ code: 'environment:' }, ...variables]
  return [
    { code: `# ${blockTitle(member, context)}` },
    ...engineLines(member.config, context),
    ...container,
    ...environment,
  ]
}

/** A comment with the command for the engine, because a Compose file cannot name an engine. */
function engineLines(config: Config, { words }: Context): readonly Line[] {
  const name = config.kind === 'measured' ? machineNamedBy(config.target) : undefined
  return name === undefined
    ? []
    : [{ code: `# ${words.text('setting.engine', { context: name })}` }]
}

function containerLines({ target }: MeasuredConfig, { words }: Context): readonly Line[] {
  return composeKeys(target).map(({ key, value, setting }) => ({
    code: `${key}: ${typeof value === 'number' ? value : forYaml(value)}`,
    ...(setting !== undefined && { comment: words.text(`container.${setting}`) }),
  }))
}

/**
 * One block for each config with the request options in which configs differ. If configs have the same options, only
 * the first one's block holds them, and the others are empty.
 */
function optionBlocks(
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly (readonly Line[])[] {
  const blocks = members.map((member) => ({ member, lines: optionLines(member, context) }))
  const keyed = blocks.map((each) => ({
    ...each,
    key: JSON.stringify([each.member.config.kind, each.lines]),
  }))
  return keyed.map(({ lines, key }, index) => {
    const same = keyed.filter((each) => each.key === key)
    if (lines.length === 0 || same[0] !== keyed[index]) return []
    const comment = optionsTitle(
      same.map(({ member }) => member),
      context,
    )
    return [{ code: 'options:', comment }, ...lines]
  })
}

type OptionsTitle = 'setting.options' | 'setting.recordedOptions' | 'setting.inheritedOptions'

/** The origin of the options of one block: `A, B: sent with every request`. */
function optionsTitle(members: readonly ConfigAnalysis[], context: Context): string {
  const { words } = context
  const titles = new Map<OptionsTitle, string[]>()
  for (const { config } of members) {
    const title =
      config.kind === 'measured'
        ? 'setting.options'
        : inheritsAllOptions(config)
          ? 'setting.inheritedOptions'
          : 'setting.recordedOptions'
    titles.set(title, [...(titles.get(title) ?? []), blockLabel(config.key, context)])
  }
  return [...titles]
    .map(([title, labeled]) => words.text(title, { label: labeled.join(words.text('join.list')) }))
    .join(words.text('join.parts'))
}

function optionLines(member: ConfigAnalysis, context: Context): readonly Line[] {
  const names = differingOptions(context).filter((name) => name in member.config.options)
  return names.map((name) => ({
    code: `  ${forYaml(name)}: ${optionText(member.config.options[name])}`,
    comment: optionComment(name, member, context),
  }))
}

/**
 * Names of the request options in which configs differ, in order of first appearance. An option that a document
 * does not mention is unknown, and so does not count as a difference.
 */
export function differingOptions({ experiment }: Context): readonly string[] {
  const names = new Set(experiment.configs.flatMap(({ options }) => Object.keys(options)))
  return [...names].filter((name) => {
    const known = experiment.configs.filter(
      ({ kind, options }) => kind === 'measured' || name in options,
    )
    return new Set(known.map(({ options }) => JSON.stringify(options[name]))).size > 1
  })
}

export function optionText(value: OptionValue | undefined): string {
  if (typeof value === 'string') return forYaml(value)
  return value === undefined ? '' : JSON.stringify(value)
}

function blockTitle(member: ConfigAnalysis, context: Context): string {
  return context.words.text('setting.block', { label: blockLabel(member.config.key, context) })
}

/** The label of the config or, for a level of a load, of its series: the levels share their settings. */
function blockLabel(key: string, context: Context): string {
  const series = seriesOf(key, context)
  return series === undefined ? context.labels.short(key) : seriesLabel(series, context)
}

function seriesOf(key: string, { experiment }: Context): LoadSeries | undefined {
  return experiment.series?.find(({ levels }) => levels.some(({ config }) => config === key))
}

/** True for all levels of a load but the highest, where settings have the most effect. */
function isLowerLevel(key: string, context: Context): boolean {
  const levels = seriesOf(key, context)?.levels
  return levels !== undefined && levels.at(-1)?.config !== key
}

/** Lines of code with their comments aligned in one column. */
function alignComments(lines: readonly Line[]): readonly string[] {
  const commented = lines.filter(({ comment }) => comment !== undefined && comment !== '')
  const width = Math.max(0, ...commented.map(({ code }) => code.length))
  return lines.map(({ code, comment }) =>
    comment === undefined || comment === '' ? code : `${code.padEnd(width)}  # ${comment}`,
  )
}

/** A YAML scalar that parses to this string. */
export function forYaml(value: string): string {
  return /^[A-Za-z_][A-Za-z0-9_./:@%+,=-]*$/.test(value) &&
    !/:$|^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
    ? value
    : JSON.stringify(value)
}
