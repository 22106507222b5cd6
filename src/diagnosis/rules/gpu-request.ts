/** A container on a machine with a GPU that nobody gave to it. */
import { keyOf } from '../case.ts'
import { computeClaims, speedStatements } from '../compute.ts'
import { isOnMac, requestsGpu, runsInContainer } from '../container.ts'
import { deviceOf } from '../device.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { textOf } from '../config-facts.ts'
import { config, literal, statement } from '../statement.ts'

export const gpuRequest: Rule = (given) => {
  const { subject } = given
  if (!runsInContainer(subject) || isOnMac(subject) === true) return undefined
  const key = keyOf(subject)
  const [device, requested, gpu] = [deviceOf(subject), requestsGpu(subject), textOf(subject, 'gpu')]
  if (device === undefined) return unchecked('gpu-request', key, 'computeDevice')
  const [first] = device.evidence
  if (device.kind !== 'cpu') return first === undefined ? undefined : ruledOut('gpu-request', first)
  if (requested === undefined) return unchecked('gpu-request', key, 'containerDeviceRequests')
  if (requested)
    return ruledOut('gpu-request', statement('device.requested', { config: config(key) }))
  if (gpu === undefined) return unchecked('gpu-request', key, 'gpu')
  return found('gpu-request', {
    configs: [key],
    certainty: 'proven',
    evidence: [
      ...device.evidence,
      statement('device.host-gpu', { gpu: literal(gpu) }),
      statement('device.not-requested', { config: config(key) }),
      ...speedStatements(given),
    ],
    share: 'at-most',
    claims: computeClaims(given),
    fixes: [
      {
        code: 'request-gpu',
        config: key,
        settings: [{ kind: 'container', name: 'gpus', value: 'all' }],
      },
    ],
  })
}
