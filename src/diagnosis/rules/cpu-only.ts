/**
 * One side computes on the CPU only, the other on a GPU. The rule does not apply if a rule about containers explains
 * this.
 */
import { maxMsOfSlowCompute, speedStatements, deviceOf } from '../compute.ts'
import { isDeclaredContainer, keyOf, runsInContainer } from '../config-facts.ts'
import { onCpuOnly } from '../next-plan.ts'
import {
  defineRule,
  found,
  hasReference,
  ruledOut,
  unchecked,
  type RuleInput,
  type RuleResult,
} from '../rule.ts'
import { config, literal, sharedStatement } from '../statement.ts'
import { gpuRequest } from './gpu-request.ts'
import { macContainer } from './mac-container.ts'

export const cpuOnly = defineRule({
  id: 'cpu-only',
  references: ['Ollama docs/faq.mdx'],
  next: onCpuOnly,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject } = input
  const key = keyOf(subject)
  const isExplained = [macContainer, gpuRequest].some(
    ({ examine }) => examine(input)?.outcome === 'found',
  )
  if (isExplained) return undefined
  const subjectDevice = deviceOf(subject)
  if (subjectDevice === undefined) return unchecked(key, 'computeDevice', 'vramBytes')
  if (subjectDevice.kind !== 'cpu')
    return ruledOut(
      subjectDevice.evidence[0] ?? sharedStatement('device.full', { config: config(key) }),
    )
  if (!hasReference(input)) return undefined
  const referenceDevice = deviceOf(input.reference)
  if (referenceDevice === undefined)
    return unchecked(keyOf(input.reference), 'computeDevice', 'vramBytes')
  if (referenceDevice.kind === 'cpu')
    return ruledOut(sharedStatement('device.alike', { device: literal('CPU') }))
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: [...subjectDevice.evidence, ...referenceDevice.evidence, ...speedStatements(input)],
    cost: 'at-most',
    maxMs: maxMsOfSlowCompute(input),
    fixes: [
      {
        code: 'use-gpu',
        config: key,
        settings: [runsInContainer, isDeclaredContainer].some((isContainer) => isContainer(subject))
          ? [{ kind: 'container', name: 'gpus', value: 'all' }]
          : requestsCpuOnly(subject.config.options)
            ? [{ kind: 'option', name: 'num_gpu' }]
            : [],
      },
    ],
  })
}

function requestsCpuOnly(options: Readonly<Record<string, unknown>>): boolean {
  return options['num_gpu'] === 0
}
