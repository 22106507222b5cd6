/**
 * The settings of a recommendation as code to paste, in the form of the config's target: a diff of the config's own
 * settings, and all of its settings after the change.
 */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { isDeclaredContainer, declaredMac } from '../diagnosis/config-facts.ts'
import type { Fix, Setting } from '../diagnosis/fix.ts'
import { forShell } from '../errors/quote.ts'
import { composeKeys, kindFacts } from '../experiment/target-kinds.ts'
import { codeBlock, type Markdown } from '../markdown/markdown.ts'
import { configOf, type Context } from './context.ts'
import { variableComment } from './setting-comments.ts'
import { forYaml, optionText } from './settings-code.ts'

type Lines = readonly string[]

export interface FixBlocks {
  /** What to change: a `diff` per config, and settings of other places as they are. */
  readonly changes: readonly Markdown[]
  /** All settings of each config after the change; empty if no setting of a config changes. */
  readonly whole: readonly Markdown[]
}

/** If the settings of several configs change, each block names its config. */
export function fixBlocks(fixes: readonly Fix[], context: Context): FixBlocks {
  const keys = [...new Set(fixes.map(({ config }) => config))]
  const each = keys.map((key) => {
    const settings = distinctSettings(fixes.filter(({ config }) => config === key))
    const title = keys.length > 1 ? [`# ${context.labels.full(key)}`] : []
    return blocksOf(settings, configOf(context, key), title, context)
  })
  return {
    changes: each.flatMap(({ changes }) => changes),
    whole: each.flatMap(({ whole }) => whole),
  }
}

/** The settings of all fixes; a setting that several fixes change has the value of the last one. */
function distinctSettings(fixes: readonly Fix[]): readonly Setting[] {
  const byName = new Map(
    fixes.flatMap(({ settings }) => settings.map((each) => [`${each.kind} ${each.name}`, each])),
  )
  return [...byName.values()]
}

function blocksOf(
  settings: readonly Setting[],
  subject: ConfigAnalysis,
  title: Lines,
  context: Context,
): FixBlocks {
  const own = settings.filter(belongsToConfig)
  const changed = sectionsOf(subject, own, context).filter(isChanged)
  const diff = changed.flatMap((section) => diffLines(section))
  const titled = title.map((line) => ` ${line}`)
  const elsewhere = linesOfOtherPlaces(settings.filter((each) => !belongsToConfig(each)))
  const whole = own.length === 0 ? [] : wholeBlocks(subject, own, title, context)
  const inYaml = elsewhere.length === 0 ? [] : [codeBlock('yaml', [...title, ...elsewhere])]
  // A setting that did not reach the server must be set again where the server is started.
  if (diff.length === 0) return { changes: [...whole, ...inYaml], whole: [] }
  return { changes: [codeBlock('diff', [...titled, ...diff]), ...inYaml], whole }
}

/**
 * True for a setting of the config's server or requests. An address inside Docker's network is one of the application's
 * container.
 */
function belongsToConfig({ kind, value }: Setting): boolean {
  if (kind === 'variable') return !String(value).includes('docker.internal')
  return kind === 'container' || kind === 'option'
}

/** The sections of a config's settings, before and after the change, in the order of a Compose file. */
function sectionsOf(
  subject: ConfigAnalysis,
  settings: readonly Setting[],
  context: Context,
): readonly Section[] {
  const { config } = subject
  const ofKind = (kind: Setting['kind']) => settings.filter((each) => each.kind === kind)
  const compose = isContainer(subject)
  const changedOptions = new Set(ofKind('option').map(({ name }) => name))
  const container = config.kind === 'measured' ? composeKeys(config.target) : []
  const options = Object.entries(config.options).filter(([name]) => changedOptions.has(name))
  return [
    withSettings(
      [],
      container.map(({ key, value }) => [key, containerLines(key, value)]),
      ofKind('container'),
      containerLines,
    ),
    withSettings(
      compose ? ['environment:'] : [],
      Object.entries(config.env).map(([name, value]) => [
        name,
        variableLines(name, value, compose),
      ]),
      ofKind('variable'),
      (name, value) => variableLines(name, String(value), compose),
      (name) => variableComment(name, config.env[name] ?? '', subject, context),
    ),
    withSettings(
      ['options:'],
      options.map(([name, value]) => [name, [`  ${forYaml(name)}: ${optionText(value)}`]]),
      ofKind('option'),
      (name, value) => [`  ${forYaml(name)}: ${scalar(value)}`],
    ),
  ]
}

function variableLines(name: string, value: string, compose: boolean): Lines {
  return [compose ? `  - ${forYaml(`${name}=${value}`)}` : `export ${name}=${forShell(value)}`]
}

/** Compose's keys, some of which differ from the options of `docker run`. */
function containerLines(name: string, value: string | number | boolean): Lines {
  return name === 'gpus'
    ? [
        'deploy:',
        '  resources:',
        '    reservations:',
        '      devices:',
        '        - {driver: nvidia, count: all, capabilities: [gpu]}',
      ]
    : [`${name}: ${scalar(value)}`]
}

function scalar(value: NonNullable<Setting['value']>): string {
  return typeof value === 'string' ? forYaml(value) : String(value)
}

/**
 * All settings of the config after the change: one block for the server, and one for requests if their options change.
 */
function wholeBlocks(
  subject: ConfigAnalysis,
  settings: readonly Setting[],
  title: Lines,
  context: Context,
): readonly Markdown[] {
  const [container, variables, options] = sectionsOf(subject, settings, context).map(
    ({ head, after }) => (after.size === 0 ? [] : [...head, ...[...after.values()].flat()]),
  )
  const removed = settings.filter(({ kind, value }) => kind === 'variable' && value === undefined)
  const server = isContainer(subject)
    ? [...(container ?? []), ...(variables ?? [])]
    : shellLines(variables ?? [], removed, usesLaunchctl(subject, context))
  return [
    { language: isContainer(subject) ? 'yaml' : 'bash', lines: server },
    { language: 'yaml', lines: options ?? [] },
  ]
    .filter(({ lines }) => lines.length > 0)
    .map(({ language, lines }) => codeBlock(language, [...title, ...lines]))
}

/** Commands that set all variables and unset those that the change removes. */
function shellLines(exports: Lines, removed: readonly Setting[], launchctl: boolean): Lines {
  const unset = removed.map(({ name }) => `${launchctl ? 'launchctl unsetenv' : 'unset'} ${name}`)
  const set = launchctl
    ? exports.map((line) => line.replace(/^export (\w+)=/, 'launchctl setenv $1 '))
    : exports
  return [...set, ...unset]
}

/** Settings that belong elsewhere: to requests, to the application's container, or to the experiment file. */
function linesOfOtherPlaces(settings: readonly Setting[]): Lines {
  return settings.flatMap(({ kind, name, value }) => {
    if (value === undefined) return []
    if (kind === 'variable') return ['environment:', `  - ${forYaml(`${name}=${String(value)}`)}`]
    if (kind === 'request' || name === 'settle') return [`${name}: ${scalar(value)}`]
    return ['workload:', `  ${name}: ${scalar(value)}`]
  })
}

function isContainer(subject: ConfigAnalysis): boolean {
  const { config } = subject
  return config.kind === 'measured'
    ? kindFacts(config.target.kind).isContainer
    : isDeclaredContainer(subject)
}

/** True if the macOS app may run the server: it reads variables from launchd, not those that a shell exports. */
function usesLaunchctl({ config, facts }: ConfigAnalysis, { experiment }: Context): boolean {
  if (config.kind === 'recorded') return declaredMac(experiment) !== undefined
  const [os] = facts.get('hostOs')?.values ?? []
  return kindFacts(config.target.kind).isNative && typeof os === 'string' && /^mac ?os/i.test(os)
}

type ByName = ReadonlyMap<string, Lines>

/** The settings below one heading, by name, before and after a change. */
interface Section {
  /** The line above them; empty if they need none. */
  readonly head: Lines
  readonly before: ByName
  readonly after: ByName
  /** Why a setting is removed; empty if nothing is known. */
  readonly comment: (name: string) => string
}

/**
 * The section with some settings changed. Changed settings keep their place; new ones come last.
 * @param lines the lines of each setting before the change
 * @param write the lines of a setting with a new value
 */
function withSettings(
  head: Lines,
  lines: readonly (readonly [name: string, lines: Lines])[],
  settings: readonly Setting[],
  write: (name: string, value: NonNullable<Setting['value']>) => Lines,
  comment: Section['comment'] = () => '',
): Section {
  const before = new Map(lines)
  const after = new Map(before)
  for (const { name, value } of settings) {
    if (value === undefined) after.delete(name)
    else after.set(name, write(name, value))
  }
  return { head, before, after, comment }
}

function isChanged({ before, after }: Section): boolean {
  const textOf = (section: ByName) => JSON.stringify([...section])
  return textOf(before) !== textOf(after)
}

/** A section as lines of a diff: its head, and each changed setting with the settings next to it. */
function diffLines({ head, before, after, comment }: Section): Lines {
  const names = [...new Set([...before.keys(), ...after.keys()])]
  const settings = names.map((name) => {
    const [old, now] = [before.get(name) ?? [], after.get(name) ?? []]
    if (old.join('\n') === now.join('\n')) return { isChanged: false, lines: prefixLines(' ', old) }
    const reason = now.length === 0 ? comment(name) : ''
    const explained = reason === '' ? old : old.map((line) => `${line}  # ${reason}`)
    return { isChanged: true, lines: [...prefixLines('-', explained), ...prefixLines('+', now)] }
  })
  const isNear = (index: number) =>
    settings.slice(Math.max(0, index - 1), index + 2).some((each) => each.isChanged)
  return [
    ...prefixLines(' ', head),
    ...settings.flatMap(({ lines }, index) => (isNear(index) ? lines : [])),
  ]
}

function prefixLines(sign: string, lines: Lines): Lines {
  return lines.map((line) => sign + line)
}
