/** A container on macOS has no GPU: its virtual machine passes none through, and Metal exists only on the host. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { maxMsOfSlowCompute, speedStatements, deviceOf } from '../compute.ts'
import {
  computeOf,
  keyOf,
  numberOf,
  slotsOf,
  textOf,
  usersOf,
  declaredMac,
  isDeclaredContainer,
  isOnMac,
  runsInContainer,
} from '../config-facts.ts'
import { onCpuOnly } from '../next-plan.ts'
import {
  defineRule,
  found,
  ruledOut,
  unchecked,
  type Found,
  type RuleInput,
  type RuleResult,
} from '../rule.ts'
import { config, literal, ms, onlyDefined, statementOf, sharedStatement } from '../statement.ts'

const statements = {
  'mac.host': ['config', 'engine', 'os'],
  'mac.declared': ['config', 'device'],
  'mac.not-separated': [],
  'mac.separated': ['config', 'ms'],
  'mac.share-unknown': [],
} as const
const statement = statementOf(statements)

export const macContainer = defineRule({
  id: 'mac-container',
  references: ['Ollama docs/faq.mdx', 'ollama/ollama#3849'],
  statements,
  next: onCpuOnly,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, reference } = input
  const key = keyOf(subject)
  if (isDeclaredContainer(subject)) return fromDocument(input)
  if (!runsInContainer(subject)) return undefined
  const onMac = isOnMac(subject)
  if (onMac === undefined) return unchecked(key, 'hostOs')
  if (!onMac) return undefined
  const device = deviceOf(subject)
  if (device === undefined) return unchecked(key, 'computeDevice')
  if (device.kind !== 'cpu') return ruledOut(device.evidence[0] ?? noDevice(key))
  if (reference && hasNoGpu(reference)) return ruledOut(onlyCpu)
  return finding(input, device.evidence)
}

const onlyCpu = sharedStatement('device.alike', { device: literal('CPU') })

function hasNoGpu(side: ConfigAnalysis): boolean {
  return deviceOf(side)?.kind === 'cpu'
}

function noDevice(key: string) {
  return sharedStatement('device.full', { config: config(key) })
}

function finding(input: RuleInput, evidence: Found['evidence']): Found {
  const { subject, reference } = input
  const key = keyOf(subject)
  const separate = reference && costOnHostCpu(input, reference)
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: [
      ...evidence,
      ...((reference && deviceOf(reference)?.evidence.slice(0, 2)) ?? []),
      statement('mac.host', {
        config: config(key),
        engine: literal(textOf(subject, 'engineHost') ?? 'Docker'),
        os: literal(textOf(subject, 'hostOs') ?? 'macOS'),
      }),
      ...speedStatements(input),
      ...onlyDefined(
        separate &&
          statement('mac.separated', {
            config: config(keyOf(separate.config)),
            ms: ms(separate.ms),
          }),
      ),
    ],
    reservations: separate === undefined ? [statement('mac.not-separated', {})] : [],
    cost: separate === undefined ? 'at-most' : 'measured',
    maxMs: separate === undefined ? maxMsOfSlowCompute(input) : maxMsUpTo(input, separate.ms),
    fixes: [runNatively(key)],
  })
}

function runNatively(key: string) {
  return {
    code: 'run-natively' as const,
    config: key,
    settings: [
      {
        kind: 'variable' as const,
        name: 'OLLAMA_HOST',
        value: 'http://host.docker.internal:11434',
      },
    ],
  }
}

/** A container on a Mac never has a GPU, even if its document does not state the device. */
function fromDocument({ experiment, subject, reference }: RuleInput): RuleResult {
  const mac = declaredMac(experiment)
  const key = keyOf(subject)
  if (mac === undefined) return undefined
  const device = deviceOf(subject)
  if (device !== undefined && device.kind !== 'cpu')
    return ruledOut(device.evidence[0] ?? noDevice(key))
  if (reference && (hasNoGpu(reference) || isDeclaredContainer(reference))) return ruledOut(onlyCpu)
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: [
      statement('mac.declared', { config: config(key), device: literal(mac) }),
      ...(device?.evidence ?? []),
    ],
    reservations: [statement('mac.share-unknown', {})],
    cost: 'unknown',
    fixes: [runNatively(key)],
  })
}

/**
 * The time in ms that the missing GPU alone costs, from a config that is like the reference, but computes on the host's
 * CPU.
 */
function costOnHostCpu(
  { configs }: RuleInput,
  reference: ConfigAnalysis,
): { readonly config: ConfigAnalysis; readonly ms: number } | undefined {
  const hostCpuConfig = configs.find(
    (each) =>
      each !== reference &&
      each.run === reference.run &&
      !runsInContainer(each) &&
      deviceOf(each)?.kind === 'cpu' &&
      computesAlike(each, reference),
  )
  const [onGpu, onCpu] = [computeOf(reference), hostCpuConfig && computeOf(hostCpuConfig)]
  if (hostCpuConfig === undefined || onGpu === undefined || onCpu === undefined) return undefined
  return { config: hostCpuConfig, ms: Math.max(0, onCpu - onGpu) }
}

/** True if everything that computing depends on is alike, except for the device. */
function computesAlike(one: ConfigAnalysis, other: ConfigAnalysis): boolean {
  const alike = (valueOf: (side: ConfigAnalysis) => unknown) => valueOf(one) === valueOf(other)
  return (
    alike((side) => textOf(side, 'modelDigest')) &&
    alike((side) => textOf(side, 'serverVersion')) &&
    alike((side) => numberOf(side, 'contextLength')) &&
    alike(slotsOf) &&
    alike(usersOf)
  )
}

/** The milliseconds that slow computing may account for, scaled down to add up to at most the limit. */
function maxMsUpTo(input: RuleInput, limit: number): Found['maxMs'] {
  const maxMs = maxMsOfSlowCompute(input)
  const sum = Math.max(0, maxMs.prefill ?? 0) + Math.max(0, maxMs.slowerTokens ?? 0)
  const scale = sum === 0 ? 0 : Math.min(1, limit / sum)
  return Object.fromEntries(Object.entries(maxMs).map(([part, ms]) => [part, ms * scale]))
}
