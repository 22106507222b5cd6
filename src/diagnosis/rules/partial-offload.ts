/** Some layers stay on the CPU, because model and context do not fit into the GPU's memory. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { maxMsOfSlowCompute, speedStatements, deviceOf } from '../compute.ts'
import { keyOf, numberOf, slotsOf } from '../config-facts.ts'
import { smallerContext } from '../fix.ts'
import { applyFix } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import {
  config,
  count,
  literal,
  onlyDefined,
  statementOf,
  tokens,
  sharedStatement,
  type Statement,
} from '../statement.ts'

/** `block_count` of the weights that Ollama's library publishes under these names. */
const publishedBlocks: Readonly<Record<string, number>> = {
  'qwen3:0.6b': 28,
  'qwen3:1.7b': 28,
  'qwen3:4b': 36,
  'qwen3:8b': 36,
  'qwen3:14b': 40,
  'qwen3:32b': 64,
  'llama3.2:1b': 16,
  'llama3.2:3b': 28,
  'llama3.1:8b': 32,
  'llama3.1:70b': 80,
}

const statements = {
  'device.all-layers': ['config', 'layers', 'blocks'],
  'device.larger-context': ['config', 'context', 'reference', 'referenceContext'],
} as const
const statement = statementOf(statements)

export const partialOffload = defineRule({
  id: 'partial-offload',
  references: ['Ollama docs/context-length.mdx', 'ollama/ollama#5756'],
  statements,
  next: applyFix,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, reference } = input
  const key = keyOf(subject)
  const subjectDevice = deviceOf(subject)
  if (subjectDevice?.gpuShare === undefined && subject.config.kind === 'recorded')
    return fromOptions(input)
  if (subjectDevice?.gpuShare === undefined) return unchecked(key, 'layersOffloaded', 'vramBytes')
  if (subjectDevice.kind === 'cpu')
    return ruledOut(subjectDevice.evidence[0] ?? allLayersOnGpu(key))
  if (subjectDevice.kind === 'gpu')
    return ruledOut(subjectDevice.evidence.at(-1) ?? allLayersOnGpu(key))
  const referenceDevice = reference && deviceOf(reference)
  if (subjectDevice.gpuShare >= (referenceDevice?.gpuShare ?? Infinity))
    return referenceDevice?.kind === 'cpu'
      ? ruledOut(...referenceDevice.evidence.slice(0, 1))
      : ruledOut(sharedStatement('device.alike', { device: literal('GPU + CPU') }))
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: [
      ...subjectDevice.evidence,
      ...(referenceDevice?.kind === 'partial' ? referenceDevice.evidence : []),
      ...onlyDefined(reference && largerContext(subject, reference)),
      ...speedStatements(input),
    ],
    cost: 'at-most',
    maxMs: maxMsOfSlowCompute(input),
    fixes: [smallerContext(subject)],
  })
}

function allLayersOnGpu(key: string): Statement {
  return sharedStatement('device.full', { config: config(key) })
}

/** Says that the subject has a larger context over all slots, which needs more memory. */
function largerContext(subject: ConfigAnalysis, reference: ConfigAnalysis): Statement | undefined {
  const [subjectContext, referenceContext] = [subject, reference].map((each) => {
    const length = numberOf(each, 'contextLength')
    return length === undefined ? undefined : length * (slotsOf(each) ?? 1)
  })
  if (
    subjectContext === undefined ||
    referenceContext === undefined ||
    subjectContext <= referenceContext
  )
    return undefined
  return statement('device.larger-context', {
    config: config(keyOf(subject)),
    context: tokens(subjectContext),
    reference: config(keyOf(reference)),
    referenceContext: tokens(referenceContext),
  })
}

/**
 * Rules the cause out if the slower config's document sets all layers on the GPU: the model's blocks and its output
 * layer.
 */
function fromOptions({ subject, configs, experiment }: RuleInput): RuleResult {
  const blocks = blocksOf(experiment.model?.name ?? '', configs)
  const layers = subject.config.options['num_gpu']
  if (typeof layers === 'number' && blocks !== undefined && layers > blocks)
    return ruledOut(
      statement('device.all-layers', {
        config: config(keyOf(subject)),
        layers: count(layers),
        blocks: count(blocks),
      }),
    )
  return unchecked(keyOf(subject), 'layersOffloaded', 'vramBytes')
}

/**
 * The number of blocks of the model: as a server of this experiment reported it, or else as Ollama's library publishes
 * it.
 */
function blocksOf(model: string, configs: readonly ConfigAnalysis[]): number | undefined {
  const layers = configs
    .filter(({ config }) => config.kind === 'measured' && config.model.name === model)
    .map((each) => numberOf(each, 'layersTotal'))
    .find((each) => each !== undefined)
  return layers === undefined ? publishedBlocks[model] : layers - 1
}
