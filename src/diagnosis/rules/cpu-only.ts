/** One side computes on the CPU alone, the other on a GPU. Why a container has none, its own rules tell. */
import { hasReference, keyOf } from '../case.ts'
import { computeClaims, speedStatements } from '../compute.ts'
import { runsInContainer } from '../container.ts'
import { deviceOf } from '../device.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { config, literal, statement } from '../statement.ts'
import { gpuRequest } from './gpu-request.ts'
import { macContainer } from './mac-container.ts'

export const cpuOnly: Rule = (given) => {
  const { subject } = given
  const key = keyOf(subject)
  const nearer = [macContainer, gpuRequest].some((rule) => rule(given)?.outcome === 'found')
  if (nearer) return undefined
  const own = deviceOf(subject)
  if (own === undefined) return unchecked('cpu-only', key, 'computeDevice', 'vramBytes')
  if (own.kind !== 'cpu')
    return ruledOut(
      'cpu-only',
      own.evidence[0] ?? statement('device.full', { config: config(key) }),
    )
  if (!hasReference(given)) return undefined
  const other = deviceOf(given.reference)
  if (other === undefined)
    return unchecked('cpu-only', keyOf(given.reference), 'computeDevice', 'vramBytes')
  if (other.kind === 'cpu')
    return ruledOut('cpu-only', statement('device.alike', { device: literal('CPU') }))
  return found('cpu-only', {
    configs: [key],
    certainty: 'proven',
    evidence: [...own.evidence, ...other.evidence, ...speedStatements(given)],
    share: 'at-most',
    claims: computeClaims(given),
    fixes: [
      {
        code: 'use-gpu',
        config: key,
        settings: runsInContainer(subject)
          ? [{ kind: 'container', name: 'gpus', value: 'all' }]
          : onlyCpuAsked(subject.config.options)
            ? [{ kind: 'option', name: 'num_gpu' }]
            : [],
      },
    ],
  })
}

function onlyCpuAsked(options: Readonly<Record<string, unknown>>): boolean {
  return options['num_gpu'] === 0
}
