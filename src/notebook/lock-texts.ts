/**
 * Translates the texts of a lock, which are in the language of the first report. A text that the experiment's
 * file still contains is replaced by the file's text in the other language. Other texts stay as they are.
 */
import type { ExperimentTexts } from '../experiment/texts.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { LockContent } from './lock-content.ts'
import type { Lock } from './lock.ts'
import { currentExperiment } from './project.ts'

type LockTexts = LockContent & Partial<Pick<Lock, 'answer' | 'answers'>>

/** @param experiment the current file; undefined if the file is missing or invalid */
export function lockInLocale<AnyLock extends LockTexts>(
  lock: AnyLock,
  experiment: Pick<Experiment, 'texts'> | undefined,
  locale: Locale,
): AnyLock {
  if (lock.locale === locale) return lock
  const answer = lock.answers?.[locale]
  const [from, to] = [experiment?.texts?.[lock.locale], experiment?.texts?.[locale]]
  return {
    ...lock,
    ...(from && to ? translated(lock, from, to) : {}),
    ...(answer === undefined ? {} : { answer }),
    locale,
  }
}

function translated(lock: LockTexts, from: ExperimentTexts, to: ExperimentTexts): LockContent {
  const labels = new Map(
    from.configs.map(({ label }, index) => [label, to.configs[index]?.label ?? label]),
  )
  const statements = new Map(
    from.statements.map((statement, index) => [statement, to.statements[index] ?? statement]),
  )
  const labelOf = (label: string) => labels.get(label) ?? label
  const { title, question, configs, claims, headline, floor } = lock
  return {
    ...lock,
    title: title === from.title ? to.title : title,
    ...(question === undefined
      ? {}
      : { question: question === from.question ? (to.question ?? question) : question }),
    configs: Object.fromEntries(
      Object.entries(configs).map(([key, config]) => [
        key,
        { ...config, label: labelOf(config.label) },
      ]),
    ),
    claims: Object.fromEntries(
      Object.entries(claims).map(([id, claim]) => [
        id,
        { ...claim, statement: statements.get(claim.statement) ?? claim.statement },
      ]),
    ),
    headline: headline.map((figure) => ({ ...figure, label: labelOf(figure.label) })),
    ...(floor === undefined ? {} : { floor: { ...floor, config: labelOf(floor.config) } }),
  }
}

/**
 * A lock with its texts in a language. Reads the experiment's file only if a translation is needed.
 * @param locale by default the lock's own
 */
export function translatedLock(root: string, lock: Lock, locale: Locale = lock.locale): Lock {
  return lock.locale === locale
    ? lock
    : lockInLocale(lock, currentExperiment(root, lock.experiment), locale)
}
