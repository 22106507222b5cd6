/** The settings of the config that a race names, as code to paste for its target. */
import { forShell } from '../errors/quote.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import type { OptionValue } from '../experiment/model.ts'
import { kindFacts } from '../experiment/target-kinds.ts'
import { codeBlock, type Markdown } from '../markdown/markdown.ts'
import { configOf, type Context } from './context.ts'
import { forYaml } from './settings-code.ts'

/** Blocks of the variables and of the request options in which the config differs from the base. */
export function tunedSettings(
  key: string,
  base: string,
  context: Context,
): readonly { readonly title: Markdown; readonly code: Markdown }[] {
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
  { words }: Context,
) {
  if (kindFacts(target.kind).isContainer)
    return [
      {
        title: words.markdown('tuning.compose'),
        code: codeBlock('yaml', [
          'environment:',
          ...variables.map(([name, value]) => `  - ${forYaml(`${name}=${value}`)}`),
        ]),
      },
    ]
  const inShell = variables.map(([name, value]) => ({ name, value: forShell(value) }))
  return [
    {
      title: words.markdown('tuning.shell'),
      code: codeBlock(
        'bash',
        inShell.map(({ name, value }) => `export ${name}=${value}`),
      ),
    },
    {
      title: words.markdown('tuning.launchctl'),
      code: codeBlock(
        'bash',
        inShell.map(({ name, value }) => `launchctl setenv ${name} ${value}`),
      ),
    },
    {
      title: words.markdown('tuning.systemd'),
      code: codeBlock('ini', [
        '[Service]',
        ...variables.map(([name, value]) => `Environment="${inUnitFile(`${name}=${value}`)}"`),
      ]),
    },
  ]
}

/** In a unit file, `%` begins a specifier, and quotes and backslashes are escaped (systemd.exec(5), systemd.syntax(7)). */
function inUnitFile(assignment: string): string {
  return assignment.replaceAll('%', '%%').replaceAll(/["\\]/g, (char) => `\\${char}`)
}

function optionBlocks(
  { model }: MeasuredConfig,
  options: readonly (readonly [string, OptionValue])[],
  { words }: Context,
) {
  const values = options.flatMap(([name, value]) =>
    (typeof value === 'object' ? value : [value]).map((each) => [name, each] as const),
  )
  return [
    {
      title: words.markdown('tuning.request'),
      code: codeBlock('json', [JSON.stringify({ options: Object.fromEntries(options) })]),
    },
    {
      title: words.markdown('tuning.modelfile'),
      code: codeBlock('text', [
        `FROM ${model.name}`,
        ...values.map(
          ([name, value]) =>
            `PARAMETER ${name} ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
        ),
      ]),
    },
  ]
}
