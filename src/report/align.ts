/** The settings to align, so that the two sides of the main difference differ only in how they are deployed. */
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { Setting } from '../diagnosis/fix.ts'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { hasEngineFact } from '../analysis/setting-value.ts'
import type { AlignView } from './section-shapes.ts'
import { configOf, type Context } from './context.ts'
import { fixBlocks } from './fix-code.ts'
import { isWithoutEffect } from './setting-comments.ts'

/**
 * Null if both sides belong to one group, or differ in no setting that can have an effect. Also null if they would
 * still differ afterwards: if one side comes from a document, which may not list all its settings, or if they differ in
 * settings that this view does not align.
 */
export function alignView(context: Context, { explanations: [main] }: Diagnosis): AlignView | null {
  if (main?.reference === undefined) return null
  const [subject, reference] = [main.subject, main.reference].map((key) => configOf(context, key))
  if (!subject || !reference || subject.config.group === reference.config.group) return null
  if ([subject, reference].some(({ state }) => state === 'recorded')) return null
  if (differsOtherwise(subject, reference, context)) return null
  const settings = [
    ...variablesToAlign(subject, reference, context),
    ...threadsToAlign(subject, reference),
  ]
  if (settings.length === 0) return null
  const fix = { code: 'same-options', config: subject.config.key, settings } as const
  return {
    config: context.labels.full(subject.config.key),
    base: context.labels.full(reference.config.key),
    changes: fixBlocks([fix], context).changes,
  }
}

/**
 * The reference's variables that are in effect, and that have another value on the subject.
 */
function variablesToAlign(
  subject: ConfigAnalysis,
  reference: ConfigAnalysis,
  context: Context,
): readonly Setting[] {
  return Object.entries(reference.config.env)
    .filter(([name, value]) => hasEngineFact(name) && subject.config.env[name] !== value)
    .filter(([name, value]) => !isWithoutEffect(name, value, reference, context))
    .map(([name, value]) => ({ kind: 'variable', name, value }))
}

/** The reference's number of threads as a request option, because the server reads no variable for it. */
function threadsToAlign(subject: ConfigAnalysis, reference: ConfigAnalysis): readonly Setting[] {
  const [own = [], wanted = []] = [subject, reference].map(
    ({ facts }) => facts.get('threads')?.values,
  )
  const [value] = wanted
  const isKnown = own.length === 1 && wanted.length === 1 && typeof value === 'number'
  return isKnown && own[0] !== value ? [{ kind: 'option', name: 'num_thread', value }] : []
}

/**
 * True if the sides differ in request options, except threads, or the subject has a variable that the reference lacks.
 */
function differsOtherwise(
  subject: ConfigAnalysis,
  reference: ConfigAnalysis,
  context: Context,
): boolean {
  const [own, wanted] = [subject.config.options, reference.config.options]
  const options = new Set([...Object.keys(own), ...Object.keys(wanted)])
  return (
    [...options].some((name) => name !== 'num_thread' && own[name] !== wanted[name]) ||
    Object.entries(subject.config.env).some(
      ([name, value]) =>
        hasEngineFact(name) &&
        !(name in reference.config.env) &&
        !isWithoutEffect(name, value, subject, context),
    )
  )
}
