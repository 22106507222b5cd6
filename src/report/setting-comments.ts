/** What a setting does, and whether the evidence shows that it took effect, as a comment on its line of code. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { factByVariable, hasEngineFact } from '../analysis/setting-value.ts'
import type { Value } from '../diagnosis/statement.ts'
import type { Config } from '../experiment/experiment.ts'
import { oneLine } from '../format/plain-text.ts'
import { quantityText } from './cause-words.ts'
import { type Context, configOf } from './context.ts'
import { effectiveVariables, factText } from './fact-text.ts'
import { inSentence } from './labels.ts'

/** The comment on a variable, one line; empty if nothing is known about it. */
export function variableComment(
  name: string,
  value: string,
  member: ConfigAnalysis,
  context: Context,
): string {
  const { words } = context
  const effective = effectiveVariables(member)
  const instead = words.textById(`instead.${name}`)
  const isListed = effective === undefined || !name.startsWith('OLLAMA_') || effective.has(name)
  if (instead !== undefined || !isListed)
    return [words.text('setting.notRead'), instead ?? '']
      .filter((part) => part !== '')
      .join(words.text('join.parts'))
  const noEffect = noEffectText(`${name}=${value}`, member, context)
  if (noEffect !== undefined)
    return member.rounds.ended > 0 ? noEffect : words.text('setting.expected', { text: noEffect })
  const tookEffect = effectText(name, member, context)
  if (tookEffect !== undefined) return tookEffect
  const from = baseOf(member, context)?.config.env[name]
  const effect = descriptionOf(name, context)
  if (from === undefined || from === value || effect === '') return effect
  return words.text('setting.change', { effect, from: oneLine(from), to: oneLine(value) })
}

/** True if the comment on the variable says that it has no effect, or that the server does not read it. */
export function isWithoutEffect(
  name: string,
  value: string,
  member: ConfigAnalysis,
  context: Context,
): boolean {
  return (
    context.words.textById(`instead.${name}`) !== undefined ||
    noEffectText(`${name}=${value}`, member, context) !== undefined
  )
}

/** Text such as `no effect: there is only one model to load`; undefined unless the diagnosis found this. */
function noEffectText(
  text: string,
  { config }: ConfigAnalysis,
  { diagnosis, words }: Context,
): string | undefined {
  const statements = (diagnosis?.settings ?? []).flatMap(({ evidence }) => evidence)
  const found = statements.find(({ values: { config: subject, setting } }) => {
    const isSubject = subject && 'config' in subject && subject.config === config.key
    return isSubject && setting && 'literal' in setting && setting.literal === text
  })
  if (!found) return undefined
  const values = Object.entries(found.values).map(
    ([id, each]) => [id, valueText(each, words)] as const,
  )
  return words.textById(`noEffect.${found.code}`, Object.fromEntries(values))
}

function valueText(value: Value, words: Context['words']): string {
  if ('word' in value) return words.text('setting.never')
  if ('config' in value) return value.config
  return 'literal' in value ? oneLine(value.literal) : quantityText(value)
}

export function optionComment(name: string, member: ConfigAnalysis, context: Context): string {
  const setting = `${name}: ${String(member.config.options[name])}`
  const effect =
    noEffectText(setting, member, context) ?? context.words.textById(`option.${name}`) ?? ''
  return isInheritedOption(member.config, name) && !inheritsAllOptions(member.config)
    ? context.words.text('setting.inheritedOption', { effect }).trim()
    : effect
}

function descriptionOf(name: string, { words }: Context): string {
  return words.textById(`env.${name}`) ?? ''
}

/** Text such as `took effect: parallel slots 1 → 4`; undefined if no fact shows the effect of the variable. */
function effectText(name: string, member: ConfigAnalysis, context: Context): string | undefined {
  if (!hasEngineFact(name) || member.config.kind === 'recorded') return undefined
  const id = factByVariable[name]
  const { words } = context
  const to = factText(id, member, words)
  if (to === undefined) return undefined
  const base = baseOf(member, context)
  const from = base?.config.kind === 'measured' ? factText(id, base, words) : undefined
  const fact = inSentence(words.text(`fact.${id}`))
  if (from === undefined) return words.text('setting.inEffect', { fact, value: to })
  return from === to
    ? words.text('setting.unchanged', { fact, value: to })
    : words.text('setting.tookEffect', { fact, from, to })
}

function baseOf({ config }: ConfigAnalysis, context: Context): ConfigAnalysis | undefined {
  return config.from === undefined ? undefined : configOf(context, config.from)
}

/** True if a recorded config inherits the option, so that its own document does not state it. */
export function isInheritedOption(config: Config, name: string): boolean {
  return config.kind === 'recorded' && config.inheritedOptions?.includes(name) === true
}

/** True if a recorded config has no option of its own. */
export function inheritsAllOptions(config: Config): boolean {
  return Object.keys(config.options).every((name) => isInheritedOption(config, name))
}
