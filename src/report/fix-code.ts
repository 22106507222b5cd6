/** The settings of a recommendation as code to paste, in the form of the config's target. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { isDeclaredContainer, declaredMac } from '../diagnosis/config-facts.ts'
import type { Fix, Setting } from '../diagnosis/fix.ts'
import { kindFacts } from '../experiment/target-kinds.ts'
import type { CauseWords } from './cause-words.ts'
import { configOf, type Context } from './context.ts'
import { codeBlock, type Markdown } from '../markdown/markdown.ts'
import { forShell, forYaml } from './settings-code.ts'

type Lines = readonly string[]

/** One code block per config and kind of setting; if there are several configs, each block names its config. */
export function fixCode(
  fixes: readonly Fix[],
  context: Context,
  words: CauseWords,
): readonly Markdown[] {
  const keys = [...new Set(fixes.map(({ config }) => config))]
  return keys.flatMap((key) => {
    const subject = configOf(context, key)
    const settings = distinctSettings(fixes.filter(({ config }) => config === key))
    const title = keys.length > 1 ? [`# ${context.labels.full(key)}`] : []
    return blocksOf(settings, subject, context, words).map(({ language, lines }) =>
      codeBlock(language, [...title, ...lines]),
    )
  })
}

/** The settings of all fixes; a setting that several fixes change has the value of the last one. */
function distinctSettings(fixes: readonly Fix[]): readonly Setting[] {
  const byName = new Map(
    fixes.flatMap(({ settings }) => settings.map((each) => [`${each.kind} ${each.name}`, each])),
  )
  return [...byName.values()]
}

interface Block {
  readonly language: string
  readonly lines: Lines
}

function blocksOf(
  settings: readonly Setting[],
  subject: ConfigAnalysis,
  context: Context,
  words: CauseWords,
): readonly Block[] {
  const settingsOf = (kind: Setting['kind']) => settings.filter((each) => each.kind === kind)
  const removalComment = (name: string) => `# ${words.markdown('code.takeOut', { name }).source}`
  const yaml = (lines: Lines): readonly Block[] =>
    lines.length === 0 ? [] : [{ language: 'yaml', lines }]
  return [
    ...variableBlocks(settingsOf('variable'), subject, context, removalComment),
    ...yaml(containerLines(settingsOf('container'), removalComment)),
    ...yaml(nested('options', settingsOf('option'), removalComment)),
    ...yaml(settingsOf('request').map(({ name, value }) => `${name}: ${scalar(value)}`)),
    ...yaml(settingsOf('client').flatMap((setting) => clientLines(setting))),
  ]
}

function scalar(value: Setting['value']): string {
  return typeof value === 'string' ? forYaml(value) : String(value)
}

function nested(
  head: string,
  settings: readonly Setting[],
  removalComment: (name: string) => string,
): Lines {
  if (settings.length === 0) return []
  const lines = settings.map(({ name, value }) =>
    value === undefined ? `  ${removalComment(name)}` : `  ${name}: ${scalar(value)}`,
  )
  return [`${head}:`, ...lines]
}

function variableBlocks(
  variables: readonly Setting[],
  subject: ConfigAnalysis,
  context: Context,
  removalComment: (name: string) => string,
): readonly Block[] {
  if (variables.length === 0) return []
  // An address inside Docker's network is set in the application's container, wherever the model runs.
  const inCompose =
    isContainer(subject) || variables.some(({ value }) => String(value).includes('docker.internal'))
  if (inCompose) {
    const lines = variables.map(({ name, value }) =>
      value === undefined
        ? `  ${removalComment(name)}`
        : `  - ${forYaml(`${name}=${String(value)}`)}`,
    )
    return [{ language: 'yaml', lines: ['environment:', ...lines] }]
  }
  const [set, unset] = usesLaunchctl(subject, context)
    ? [(name: string, value: string) => `launchctl setenv ${name} ${value}`, 'launchctl unsetenv']
    : [(name: string, value: string) => `export ${name}=${value}`, 'unset']
  const lines = variables.map(({ name, value }) =>
    value === undefined ? `${unset} ${name}` : set(name, forShell(String(value))),
  )
  return [{ language: 'bash', lines }]
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

/** Compose's keys, some of which differ from the options of `docker run`. */
function containerLines(
  settings: readonly Setting[],
  removalComment: (name: string) => string,
): Lines {
  return settings.flatMap(({ name, value }) =>
    name === 'gpus'
      ? [
          'deploy:',
          '  resources:',
          '    reservations:',
          '      devices:',
          '        - {driver: nvidia, count: all, capabilities: [gpu]}',
        ]
      : [value === undefined ? removalComment(name) : `${name}: ${scalar(value)}`],
  )
}

/** Keys of the experiment file. */
function clientLines({ name, value }: Setting): Lines {
  if (value === undefined) return []
  return name === 'settle'
    ? [`settle: ${scalar(value)}`]
    : ['workload:', `  ${name}: ${scalar(value)}`]
}
