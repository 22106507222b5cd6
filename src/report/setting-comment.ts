/** Comments on settings: what a setting does, and whether the evidence shows that it took effect. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Value } from '../diagnosis/statement.ts'
import { quantityText } from './cause-words.ts'
import { configOf, type Context } from './context.ts'
import { factByVariable, hasEngineFact } from '../analysis/setting-value.ts'
import { effectiveVariables, factText } from './fact-text.ts'
import { inSentence } from './labels.ts'
import { oneLine } from '../format/plain-text.ts'

/** The comment on a variable, one line; empty if nothing is known about it. */
export function variableComment(
  name: string,
  value: string,
  member: ConfigAnalysis,
  context: Context,
): string {
  const { words } = context
  const effective = effectiveVariables(member)
  const instead = words.sayById(`instead.${name}`)
  const isListed = effective === undefined || !name.startsWith('OLLAMA_') || effective.has(name)
  if (instead !== undefined || !isListed)
    return [words.say('setting.notRead'), instead ?? '']
      .filter((part) => part !== '')
      .join(words.say('join.parts'))
  const noEffect = noEffectText(`${name}=${value}`, member, context)
  if (noEffect !== undefined) return noEffect
  const tookEffect = effectText(name, member, context)
  if (tookEffect !== undefined) return tookEffect
  const from = baseOf(member, context)?.config.env[name]
  const effect = descriptionOf(name, context)
  if (from === undefined || from === value || effect === '') return effect
  return words.say('setting.change', { effect, from: oneLine(from), to: oneLine(value) })
}

/** True if the comment on the variable says that it has no effect, or that the server does not read it. */
export function isWithoutEffect(
  name: string,
  value: string,
  member: ConfigAnalysis,
  context: Context,
): boolean {
  return (
    context.words.sayById(`instead.${name}`) !== undefined ||
    noEffectText(`${name}=${value}`, member, context) !== undefined
  )
}

/** `no effect: there is only one model to load`, if the diagnosis found that; otherwise undefined. */
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
  return words.sayById(`noEffect.${found.code}`, Object.fromEntries(values))
}

function valueText(value: Value, words: Context['words']): string {
  if ('word' in value) return words.say('setting.never')
  if ('config' in value) return value.config
  return 'literal' in value ? oneLine(value.literal) : quantityText(value)
}

export function optionComment(name: string, member: ConfigAnalysis, context: Context): string {
  const setting = `${name}: ${String(member.config.options[name])}`
  return noEffectText(setting, member, context) ?? context.words.sayById(`option.${name}`) ?? ''
}

function descriptionOf(name: string, { words }: Context): string {
  return words.sayById(`env.${name}`) ?? ''
}

/** `took effect: parallel slots 1 → 4`; undefined if no fact shows the effect of the variable. */
function effectText(name: string, member: ConfigAnalysis, context: Context): string | undefined {
  if (!hasEngineFact(name)) return undefined
  const id = factByVariable[name]
  const { words } = context
  const to = factText(id, member, words)
  if (to === undefined) return undefined
  const base = baseOf(member, context)
  const from = base && factText(id, base, words)
  const fact = inSentence(words.say(`fact.${id}`))
  if (from === undefined) return words.say('setting.inEffect', { fact, value: to })
  return from === to
    ? words.say('setting.unchanged', { fact, value: to })
    : words.say('setting.tookEffect', { fact, from, to })
}

function baseOf({ config }: ConfigAnalysis, context: Context): ConfigAnalysis | undefined {
  return config.from === undefined ? undefined : configOf(context, config.from)
}
