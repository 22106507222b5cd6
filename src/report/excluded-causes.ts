/** The causes that were ruled out or could not be checked, and the facts that would help to check them. */
import type { Diagnosis, Explanation, WithCause } from '../diagnosis/diagnosis.ts'
import type { Missing, RuledOut, Unchecked } from '../diagnosis/rule.ts'
import type { Cause } from '../diagnosis/rules.ts'
import type { Statement } from '../diagnosis/statement.ts'
import { integer } from '../format/number.ts'
import { Markdown, escapeMarkdown } from '../markdown/markdown.ts'
import type { CausesView } from './section-shapes.ts'
import type { CauseWords } from './cause-words.ts'
import type { Labels } from './labels.ts'

type ExcludedCauses = Pick<
  CausesView,
  | 'pair'
  | 'ruledOutCount'
  | 'ruledOut'
  | 'ruledOutInAll'
  | 'uncheckedCount'
  | 'unchecked'
  | 'uncheckedInAll'
  | 'toRecord'
>

/**
 * The excluded causes of the main difference and of single configs. If there are other differences, the main one is
 * named, and single configs have lists of their own.
 */
export function excludedCauses(
  { explanations: [main, ...others], ...diagnosis }: Diagnosis,
  words: CauseWords,
  labels: Labels,
): ExcludedCauses {
  const hasOthers = others.length > 0
  const ruledOut = splitByScope(main?.ruledOut ?? [], diagnosis.configsRuledOut, hasOthers)
  const unchecked = splitByScope(main?.unchecked ?? [], diagnosis.configsUnchecked, hasOthers)
  return {
    pair: main !== undefined && hasOthers ? pairText(main, words, labels) : null,
    ruledOutCount: countOf(ruledOut),
    ruledOut: byEvidence(ruledOut.pair, words, labels),
    ruledOutInAll: byEvidence(ruledOut.all, words, labels),
    uncheckedCount: countOf(unchecked),
    unchecked: byMissingFacts(unchecked.pair, words, labels),
    uncheckedInAll: byMissingFacts(unchecked.all, words, labels),
    toRecord: factsToRecord(diagnosis, words),
  }
}

interface ExcludedByScope<Result> {
  readonly pair: readonly Result[]
  readonly all: readonly Result[]
}

function splitByScope<Result>(
  pair: readonly Result[],
  all: readonly Result[],
  hasOthers: boolean,
): ExcludedByScope<Result> {
  return hasOthers ? { pair, all } : { pair: [...pair, ...all], all: [] }
}

function countOf({ pair, all }: ExcludedByScope<unknown>): string | null {
  const count = pair.length + all.length
  return count === 0 ? null : integer(count)
}

/** The two configs of a difference; the only config if its own latency is explained. */
function pairText(
  { subject, reference }: Explanation,
  words: CauseWords,
  labels: Labels,
): Markdown {
  const of = (key: string) => labels.full(key)
  return reference === undefined
    ? new Markdown(escapeMarkdown(of(subject)))
    : words.markdown('explained.pair', { subject: of(subject), reference: of(reference) })
}

/**
 * Groups causes by their evidence, because one fact often rules out several causes. All causes that are ruled out
 * because both sides are alike share one entry.
 */
function byEvidence(
  ruledOut: readonly WithCause<RuledOut>[],
  words: CauseWords,
  labels: Labels,
): CausesView['ruledOut'] {
  const alike = ruledOut.filter(isAlike)
  const values = alike.flatMap(({ evidence }) =>
    evidence.flatMap(({ values: { value, device = value } }) =>
      device === undefined ? [] : words.value(device, labels),
    ),
  )
  const evidenceOf = (each: WithCause<RuledOut>): Markdown =>
    isAlike(each)
      ? words.markdown('ruledOut.alike', { values: words.join(values, 'join.list') })
      : evidenceText(each.evidence, words, labels)
  const entries = new Map<string, { evidence: Markdown; causes: Cause[] }>()
  for (const each of [...ruledOut.filter((one) => !isAlike(one)), ...alike]) {
    const evidence = evidenceOf(each)
    const entry = entries.get(evidence.source) ?? { evidence, causes: [] }
    entry.causes.push(each.cause)
    entries.set(evidence.source, entry)
  }
  return [...entries.values()].map(({ evidence, causes }) => ({
    causes: causeNames(causes, words),
    evidence,
  }))
}

/** True if the evidence is only a value that both sides have. */
function isAlike({ evidence }: RuledOut): boolean {
  const [only, ...others] = evidence
  return others.length === 0 && (only?.code === 'alike' || only?.code === 'device.alike')
}

/** The evidence as a sentence. Only counts settings that are in effect or can have an effect, if there are many. */
function evidenceText(evidence: readonly Statement[], words: CauseWords, labels: Labels): Markdown {
  if (evidence.length > maxListed && evidence.every(({ code }) => inEffect.has(code)))
    return words.markdown('ruledOut.inEffect', { count: evidence.length })
  if (
    evidence.length > maxListed &&
    evidence.every(({ code }) => code === 'setting.may-have-effect')
  )
    return words.markdown('ruledOut.canAct', { count: evidence.length })
  return words.sentence(evidence, labels) ?? new Markdown('')
}

/** The statements that a setting has the value that was requested. */
const inEffect: ReadonlySet<string> = new Set(['setting.applied', 'setting.in-effect'])

/** More settings than this are only counted. */
const maxListed = 2

/** Groups causes by their missing facts, because one missing fact often affects several rules. */
function byMissingFacts(
  unchecked: readonly WithCause<Unchecked>[],
  words: CauseWords,
  labels: Labels,
): CausesView['unchecked'] {
  const entries = new Map<string, { missing: readonly Missing[]; causes: Cause[] }>()
  for (const { cause, missing } of unchecked) {
    const key = missing.map(({ config, fact }) => `${config} ${fact}`).join()
    const entry = entries.get(key) ?? { missing, causes: [] }
    entry.causes.push(cause)
    entries.set(key, entry)
  }
  return [...entries.values()].map(({ missing, causes }) => ({
    missing: missingText(missing, words, labels),
    causes: causeNames(causes, words),
  }))
}

function causeNames(causes: readonly Cause[], words: CauseWords): Markdown {
  return words.join(
    causes.map((cause) => words.markdown(`cause.${cause}.short`)),
    'join.list',
  )
}

/** `A、B 缺少推理线程数，C 缺少 GPU`: facts that the same configs lack share a clause. */
function missingText(missing: readonly Missing[], words: CauseWords, labels: Labels): Markdown {
  const named = (key: string) => new Markdown(escapeMarkdown(labels.full(key)))
  const byConfigs = new Map<string, { configs: Markdown; facts: Missing['fact'][] }>()
  for (const fact of new Set(missing.map((each) => each.fact))) {
    const keys = missing.filter((each) => each.fact === fact).map(({ config }) => config)
    const configs = words.join(keys.map(named), 'join.list')
    const entry = byConfigs.get(configs.source) ?? { configs, facts: [] }
    entry.facts.push(fact)
    byConfigs.set(configs.source, entry)
  }
  const clauses = [...byConfigs.values()].map(({ configs, facts }) =>
    words.markdown('missing', { config: configs, what: factNames(facts, words) }),
  )
  return words.join(clauses, 'join.claims')
}

/** The facts that documents should record; null if they lack none. */
function factsToRecord(
  { factsToRecord: missing }: Pick<Diagnosis, 'factsToRecord'>,
  words: CauseWords,
): Markdown | null {
  const facts = [...new Set(missing.map(({ fact }) => fact))]
  return facts.length === 0 ? null : factNames(facts, words)
}

function factNames(facts: readonly Missing['fact'][], words: CauseWords): Markdown {
  return words.join(
    facts.map((fact) => words.markdown(`missing.${fact}`)),
    'join.list',
  )
}
