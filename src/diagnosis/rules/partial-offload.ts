/** Some layers stay on the CPU, because model and context do not fit the GPU's memory. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf, type RuleInput } from '../case.ts'
import { computeClaims, speedStatements } from '../compute.ts'
import { deviceOf } from '../device.ts'
import type { RuleResult } from '../diagnosis.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import { blocksOf } from '../model-blocks.ts'
import type { Rule } from '../rule.ts'
import { numberOf, slotsOf } from '../config-facts.ts'
import { smallerContext } from '../smaller-context.ts'
import { config, count, literal, statement, tokens, type Statement } from '../statement.ts'

export const partialOffload: Rule = (given) => {
  const { subject, reference } = given
  const key = keyOf(subject)
  if (subject.config.kind === 'recorded') return fromDocument(given)
  const own = deviceOf(subject)
  if (own?.gpuShare === undefined)
    return unchecked('partial-offload', key, 'layersOffloaded', 'vramBytes')
  if (own.kind === 'cpu') return ruledOut('partial-offload', own.evidence[0] ?? full(key))
  if (own.kind === 'gpu') return ruledOut('partial-offload', own.evidence.at(-1) ?? full(key))
  const other = reference && deviceOf(reference)
  if (other?.kind === 'partial' && own.gpuShare >= (other.gpuShare ?? 0))
    return ruledOut('partial-offload', statement('device.alike', { device: literal('GPU + CPU') }))
  return found('partial-offload', {
    configs: [key],
    certainty: 'proven',
    evidence: [
      ...own.evidence,
      ...(other?.kind === 'partial' ? other.evidence : []),
      ...onlyDefined(reference && largerContext(subject, reference)),
      ...speedStatements(given),
    ],
    share: 'at-most',
    claims: computeClaims(given),
    fixes: [smallerContext(subject)],
  })
}

function full(key: string): Statement {
  return statement('device.full', { config: config(key) })
}

/** Context over all slots: what grows with it is memory. */
function largerContext(subject: ConfigAnalysis, reference: ConfigAnalysis): Statement | undefined {
  const [own, other] = [subject, reference].map((each) => {
    const length = numberOf(each, 'contextLength')
    return length === undefined ? undefined : length * (slotsOf(each) ?? 1)
  })
  if (own === undefined || other === undefined || own <= other) return undefined
  return statement('device.larger-context', {
    config: config(keyOf(subject)),
    context: tokens(own),
    reference: config(keyOf(reference)),
    referenceContext: tokens(other),
  })
}

/** A document that says how many layers it asked for: all of them are the model's blocks and its output. */
function fromDocument({ subject, reference, configs, experiment }: RuleInput): RuleResult {
  const blocks = blocksOf(experiment.model?.name ?? '', configs)
  for (const side of [subject, reference]) {
    const layers = side?.config.options['num_gpu']
    if (side === undefined || typeof layers !== 'number' || blocks === undefined) continue
    if (layers > blocks)
      return ruledOut(
        'partial-offload',
        statement('device.all-layers', {
          config: config(keyOf(side)),
          layers: count(layers),
          blocks: count(blocks),
        }),
      )
  }
  return unchecked('partial-offload', keyOf(subject), 'layersOffloaded', 'vramBytes')
}
