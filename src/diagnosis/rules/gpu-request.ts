/** The machine has a GPU, but the container was started without it. */
import { claimsOfSlowCompute, speedStatements, deviceOf } from '../compute.ts'
import { keyOf, textOf, isOnMac, requestsGpu, runsInContainer } from '../config-facts.ts'
import { applyFix } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, literal, statementOf } from '../statement.ts'

const statements = {
  'device.host-gpu': ['gpu'],
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
  const { subject } = input
  if (!runsInContainer(subject) || isOnMac(subject) === true) return undefined
  const key = keyOf(subject)
  const [device, requested, gpu] = [deviceOf(subject), requestsGpu(subject), textOf(subject, 'gpu')]
  if (device === undefined) return unchecked(key, 'computeDevice')
  const [first] = device.evidence
  if (device.kind !== 'cpu') return first === undefined ? undefined : ruledOut(first)
  if (requested === undefined) return unchecked(key, 'containerDeviceRequests')
  if (requested) return ruledOut(statement('device.requested', { config: config(key) }))
  if (gpu === undefined) return unchecked(key, 'gpu')
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
    claims: claimsOfSlowCompute(input),
    fixes: [
      {
        code: 'request-gpu',
        config: key,
        settings: [{ kind: 'container', name: 'gpus', value: 'all' }],
      },
    ],
  })
}
