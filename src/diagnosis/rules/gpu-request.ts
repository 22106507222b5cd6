/** The machine has a GPU, but the container was started without it. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { kindFacts } from '../../experiment/target-kinds.ts'
import { serverMachineId } from '../../results/machines.ts'
import { maxMsOfSlowCompute, speedStatements, deviceOf } from '../compute.ts'
import { keyOf, targetOf, textOf, isOnMac, requestsGpu, runsInContainer } from '../config-facts.ts'
import { applyFix } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, literal, sharedStatement, statementOf, type Statement } from '../statement.ts'

const statements = {
  'device.host-gpu': ['gpu'],
  'device.no-host-gpu': ['config'],
  'device.not-requested': ['config'],
  'device.requested': ['config'],
} as const
const statement = statementOf(statements)

export const gpuRequest = defineRule({
  id: 'gpu-request',
  references: ['Ollama docs/docker.mdx'],
  statements,
  next: applyFix,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, reference } = input
  if (!runsInContainer(subject) || isOnMac(subject) === true) return undefined
  const key = keyOf(subject)
  const [device, requested, gpu] = [deviceOf(subject), requestsGpu(subject), textOf(subject, 'gpu')]
  if (device === undefined) return unchecked(key, 'computeDevice')
  const [first] = device.evidence
  if (device.kind !== 'cpu') return first === undefined ? undefined : ruledOut(first)
  if (requested === undefined) return unchecked(key, 'containerDeviceRequests')
  if (requested) return ruledOut(statement('device.requested', { config: config(key) }))
  const absence = absenceOfGpu(input)
  if (absence !== undefined) return ruledOut(absence)
  if (gpu === undefined) return unchecked(key, 'gpu')
  if (reference && deviceOf(reference)?.kind === 'cpu')
    return ruledOut(sharedStatement('device.alike', { device: literal('CPU') }))
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: [
      ...device.evidence,
      statement('device.host-gpu', { gpu: literal(gpu) }),
      statement('device.not-requested', { config: config(key) }),
      ...speedStatements(input),
    ],
    cost: 'at-most',
    maxMs: maxMsOfSlowCompute(input),
    fixes: [
      {
        code: 'request-gpu',
        config: key,
        settings: [{ kind: 'container', name: 'gpus', value: 'all' }],
      },
    ],
  })
}

/**
 * Evidence that the container's host has no GPU: from its kernel, or from a server outside a container on the same
 * host.
 */
function absenceOfGpu({ configs, subject }: RuleInput): Statement | undefined {
  const key = config(keyOf(subject))
  if (textOf(subject, 'gpu') === 'none') return statement('device.no-host-gpu', { config: key })
  const native = configs.find(
    (each) =>
      runsNatively(each) &&
      hostOf(each) !== undefined &&
      hostOf(each) === hostOf(subject) &&
      textOf(each, 'computeDevice') === 'CPU' &&
      !hidesGpus(each),
  )
  return (
    native &&
    sharedStatement('device.cpu', { config: config(keyOf(native)), device: literal('CPU') })
  )
}

function runsNatively(side: ConfigAnalysis): boolean {
  const kind = targetOf(side)
  return kind !== undefined && kindFacts(kind).isNative
}

function hostOf({ trials }: ConfigAnalysis): string | undefined {
  const [first] = trials
  return first && serverMachineId(first.header)
}

/** True if the config sets a variable that can hide GPUs from the server. */
function hidesGpus({ config: { env } }: ConfigAnalysis): boolean {
  return Object.keys(env).some((name) => /VISIBLE_DEVICES|LLM_LIBRARY|ORDINAL/.test(name))
}
