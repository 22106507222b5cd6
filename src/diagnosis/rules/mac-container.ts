/** A container on macOS has no GPU: its virtual machine passes none through, and Metal exists on the host only. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf, type RuleInput } from '../case.ts'
import { computeClaims, speedStatements } from '../compute.ts'
import { declaredMac, isDeclaredContainer, isOnMac, runsInContainer } from '../container.ts'
import { deviceOf } from '../device.ts'
import type { Found } from '../diagnosis.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { computeOf, numberOf, slotsOf, textOf, usersOf } from '../config-facts.ts'
import { config, literal, ms, statement } from '../statement.ts'

export const macContainer: Rule = (given) => {
  const { subject } = given
  const key = keyOf(subject)
  if (isDeclaredContainer(subject)) return fromDocument(given)
  if (!runsInContainer(subject)) return undefined
  const onMac = isOnMac(subject)
  if (onMac === undefined) return unchecked('mac-container', key, 'hostOs')
  if (!onMac) return undefined
  const device = deviceOf(subject)
  if (device === undefined) return unchecked('mac-container', key, 'computeDevice')
  if (device.kind !== 'cpu') return ruledOut('mac-container', device.evidence[0] ?? noDevice(key))
  return finding(given, device.evidence)
}

function noDevice(key: string) {
  return statement('device.full', { config: config(key) })
}

function finding(given: RuleInput, evidence: Found['evidence']): Found {
  const { subject, reference } = given
  const key = keyOf(subject)
  const separate = reference && onCpuBeside(given, reference)
  return found('mac-container', {
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
      ...speedStatements(given),
      ...onlyDefined(
        separate &&
          statement('mac.separated', {
            config: config(keyOf(separate.config)),
            ms: ms(separate.ms),
          }),
      ),
    ],
    reservations: separate === undefined ? [statement('mac.not-separated', {})] : [],
    share: separate === undefined ? 'at-most' : 'measured',
    claims: separate === undefined ? computeClaims(given) : atMost(given, separate.ms),
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

/** A document names no evidence; that such a container has no GPU holds all the same. */
function fromDocument(given: RuleInput): Found | undefined {
  const device = declaredMac(given.experiment)
  const key = keyOf(given.subject)
  if (device === undefined) return undefined
  return found('mac-container', {
    configs: [key],
    certainty: 'proven',
    evidence: [statement('mac.declared', { config: config(key), device: literal(device) })],
    reservations: [statement('mac.share-unknown', {})],
    share: 'unknown',
    fixes: [runNatively(key)],
  })
}

/** A config like the reference that computes on the CPU: what the lack of a GPU alone costs, in ms. */
function onCpuBeside(
  { configs }: RuleInput,
  reference: ConfigAnalysis,
): { readonly config: ConfigAnalysis; readonly ms: number } | undefined {
  const beside = configs.find(
    (each) =>
      each !== reference &&
      each.run === reference.run &&
      !runsInContainer(each) &&
      deviceOf(each)?.kind === 'cpu' &&
      computesAlike(each, reference),
  )
  const [with_, without] = [computeOf(reference), beside && computeOf(beside)]
  if (beside === undefined || with_ === undefined || without === undefined) return undefined
  return { config: beside, ms: Math.max(0, without - with_) }
}

/** In all that a request's computing depends on beside the device. */
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

/** The part of the claims whose prefill and decode lie within so many milliseconds, in proportion. */
function atMost(given: RuleInput, limit: number): Found['claims'] {
  const claims = computeClaims(given)
  const whole = Math.max(0, claims.prefill ?? 0) + Math.max(0, claims.slowerTokens ?? 0)
  const scale = whole === 0 ? 0 : Math.min(1, limit / whole)
  return Object.fromEntries(Object.entries(claims).map(([part, ms]) => [part, ms * scale]))
}
