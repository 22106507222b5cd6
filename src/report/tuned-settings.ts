/** The settings of a race's best config, as code to paste for its target. */
import { forShell } from '../errors/quote.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import type { OptionValue } from '../experiment/model.ts'
import { kindFacts, type Target } from '../experiment/target-kinds.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { configOf, type Context } from './context.ts'
import { forYaml } from './settings-code.ts'
import { addressOf, tunedName } from './tuned-check.ts'

/** Code to paste, and where it belongs. */
export interface SettingsBlock {
  readonly title: Markdown
  readonly language: string
  readonly lines: readonly string[]
}

/** Blocks of the variables and of the request options in which the config differs from the base. */
export function tunedSettings(
  key: string,
  base: string,
  context: Pick<Context, 'configs' | 'words'>,
): readonly SettingsBlock[] {
  const [config, before] = [key, base].map((each) => configOf(context, each).config)
  if (config?.kind !== 'measured' || before?.kind !== 'measured') return []
  const variables = Object.entries(config.env).filter(([name, value]) => before.env[name] !== value)
  const options = Object.entries(config.options).filter(
    ([name, value]) => String(before.options[name]) !== String(value),
  )
  return [
    ...(variables.length === 0 ? [] : variableBlocks(config, variables, context)),
    ...(options.length === 0 ? [] : optionBlocks(config, options, context)),
  ]
}

function variableBlocks(
  { target }: MeasuredConfig,
  variables: readonly (readonly [string, string])[],
  { words }: Pick<Context, 'words'>,
) {
  if (kindFacts(target.kind).isContainer)
    return [
      {
        title: words.markdown('tuning.compose'),
        language: 'yaml',
        lines: [
          'environment:',
          ...variables.map(([name, value]) => `  - ${forYaml(`${name}=${value}`)}`),
        ],
      },
    ]
  const inShell = variables.map(([name, value]) => ({ name, value: forShell(value) }))
  return [
    {
      title: words.markdown('tuning.shell'),
      language: 'bash',
      lines: [...inShell.map(({ name, value }) => `export ${name}=${value}`), 'ollama serve'],
    },
    {
      title: words.markdown('tuning.launchctl'),
      language: 'bash',
      lines: inShell.map(({ name, value }) => `launchctl setenv ${name} ${value}`),
    },
    {
      title: words.markdown('tuning.systemd'),
      language: 'ini',
      lines: [
        '[Service]',
        ...variables.map(([name, value]) => `Environment="${inUnitFile(`${name}=${value}`)}"`),
      ],
    },
  ]
}

/**
 * In a unit file, `%` begins a specifier, and quotes and backslashes are escaped (systemd.exec(5), systemd.syntax(7)).
 */
function inUnitFile(assignment: string): string {
  return assignment.replaceAll('%', '%%').replaceAll(/["\\]/g, (char) => `\\${char}`)
}

function optionBlocks(
  { model, target }: MeasuredConfig,
  options: readonly (readonly [string, OptionValue])[],
  { words }: Pick<Context, 'words'>,
) {
  const values = options.flatMap(([name, value]) =>
    (typeof value === 'object' ? value : [value]).map((each) => [name, each] as const),
  )
  const address = addressOf(target)
  const created = { model: tunedName(model.name), from: model.name }
  const parameters = Object.fromEntries(options)
  return [
    {
      title: words.markdown('tuning.request'),
      language: 'json',
      lines: [JSON.stringify({ options: parameters })],
    },
    {
      title: words.markdown('tuning.modelfile'),
      language: 'text',
      lines: [
        `FROM ${model.name}`,
        ...values.map(
          ([name, value]) =>
            `PARAMETER ${name} ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
        ),
      ],
    },
    // Left out if requests need headers, because these may hold secrets.
    ...(address === undefined || hasHeaders(target)
      ? []
      : [
          {
            title: words.markdown('tuning.create', { model: created.model }),
            language: 'bash',
            lines: [
              `curl ${forShell(`${address}/api/create`)} -d ${forShell(JSON.stringify({ ...created, parameters }))}`,
            ],
          },
        ]),
  ]
}

function hasHeaders(target: Target): boolean {
  return target.kind === 'url' && Object.keys(target.headers).length > 0
}
