/**
 * What a rule found, as a code and its numbers; the wording of each is `statement.<code>` of the templates' `causes.yaml`.
 * Every number is a figure or a fact of the stored results, or arithmetic on some of them.
 */

/** A number that knows its unit, a config by its key, or a text as the server or the file wrote it. */
export type Value =
  | { readonly unit: Unit; readonly value: number }
  | { readonly config: string }
  | { readonly literal: string }
/** `%` is a share, `change` a change in percent, which has a sign; `exact` a number as it was set. */
export type Unit = 'exact' | 'ms' | 'tokens' | 'tokens/s' | '%' | 'change' | 'x' | 'count'

export interface Statement {
  readonly code: StatementCode
  readonly values: Readonly<Record<string, Value>>
}

export const ms = (value: number): Value => ({ unit: 'ms', value })
export const tokens = (value: number): Value => ({ unit: 'tokens', value })
export const speed = (value: number): Value => ({ unit: 'tokens/s', value })
export const percent = (value: number): Value => ({ unit: '%', value })
export const times = (value: number): Value => ({ unit: 'x', value })
export const count = (value: number): Value => ({ unit: 'count', value })
export const exact = (value: number): Value => ({ unit: 'exact', value })
export const change = (value: number): Value => ({ unit: 'change', value })
export const config = (key: string): Value => ({ config: key })
export const literal = (text: string): Value => ({ literal: text })

/** Every statement with the values that its wording may name. */
export const statementValues = {
  'costs-nothing': [],
  'cost-not-proven': [],
  // waiting for a slot
  'slots.seen': ['config', 'slots', 'users'],
  'slots.asked': ['config', 'slots', 'asked'],
  'slots.wait': ['config', 'wait', 'share'],
  'slots.model': ['expected', 'wait'],
  'slots.reference': ['config', 'slots', 'wait'],
  'slots.moved': ['from', 'to', 'saved', 'added'],
  'slots.above-model': ['expected', 'wait'],
  'slots.enough': ['config', 'slots', 'users'],
  'slots.alike': ['config', 'slots', 'users', 'wait', 'reference', 'referenceWait'],
  'slots.no-wait': ['config', 'wait'],
  'slots.declared': ['config', 'slots', 'users', 'reference', 'referenceSlots'],
  'slots.not-measured': [],
  // loads
  'loads.waited': ['config', 'requests', 'of', 'longest'],
  'loads.logged': ['config', 'loads'],
  'loads.others': ['config', 'other'],
  'loads.none': ['config', 'longest'],
  'loads.at-start': ['config', 'requests'],
  'loads.not-at-start': ['config', 'later'],
  'loads.idle': ['config', 'idle', 'keepAlive'],
  'loads.at-once': ['config', 'keepAlive'],
  'loads.not-idle': ['config', 'idle', 'keepAlive'],
  'loads.kept-forever': ['config', 'idle'],
  'reload.context': ['config', 'asked', 'seen'],
  'reload.other-client': [],
  // answers
  'tokens.longer': ['config', 'tokens', 'reference', 'referenceTokens'],
  'tokens.alike': ['tokens', 'referenceTokens'],
  'thinking.share': ['config', 'share', 'reference', 'referenceShare'],
  'thinking.none': ['config'],
  'thinking.alike': ['share'],
  'cut.share': ['config', 'share', 'reference', 'referenceShare'],
  'cut.limit': ['config', 'limit'],
  'cut.none': [],
  'cut.alike': ['config', 'share', 'reference', 'referenceShare'],
  // prompts
  'truncated.logged': ['config', 'prompts'],
  'truncated.exact': ['config', 'tokens', 'requests', 'of', 'context'],
  'truncated.none': ['config', 'tokens', 'context'],
  'cache.share': ['config', 'share', 'reference', 'referenceShare'],
  'cache.collapse': ['config', 'times'],
  'cache.prefill': ['config', 'prefill', 'reference', 'referencePrefill'],
  'cache.alike': ['share', 'referenceShare'],
  'cache.template': ['config', 'more'],
  'cache.no-collapse': ['times'],
  // the device
  'device.cpu': ['config', 'device'],
  'device.no-vram': ['config'],
  'device.gpu': ['config', 'device'],
  'device.layers': ['config', 'layers', 'total'],
  'device.vram': ['config', 'share'],
  'device.alike': ['device'],
  'device.full': ['config'],
  'device.all-layers': ['config', 'layers', 'blocks'],
  'device.larger-context': ['config', 'context', 'reference', 'referenceContext'],
  'device.host-gpu': ['gpu'],
  'device.not-requested': ['config'],
  'device.requested': ['config'],
  'mac.host': ['config', 'engine', 'os'],
  'mac.declared': ['config', 'device'],
  'mac.not-separated': [],
  'mac.separated': ['config', 'ms'],
  'mac.share-unknown': [],
  'speed.slower': ['prefillFrom', 'prefillTo', 'decodeFrom', 'decodeTo'],
  'speed.decode': ['decodeFrom', 'decodeTo'],
  'emulation.differs': ['config', 'image', 'host'],
  'emulation.alike': ['image'],
  // the quota of a container
  'quota.seen': ['config', 'quota'],
  'quota.threads': ['config', 'quota', 'threads'],
  'quota.throttled': ['config', 'throttled', 'periods', 'share', 'time'],
  'quota.none': ['config'],
  'quota.reference': ['config', 'quota'],
  'quota.no-less': ['quota', 'referenceQuota'],
  // threads
  'threads.above': ['config', 'threads', 'cpus'],
  'threads.quota': ['config', 'threads', 'quota'],
  'threads.performance': ['config', 'threads', 'performance', 'efficiency'],
  'threads.reference': ['config', 'threads'],
  'threads.not-separated': [],
  'threads.enough': ['config', 'threads', 'cpus'],
  'threads.alike': ['threads'],
  'threads.one': ['config'],
  // many at once
  'saturation.running': ['config', 'running', 'reference', 'referenceRunning'],
  'saturation.throughput': ['from', 'to'],
  'saturation.compute': ['from', 'to'],
  'saturation.gained': ['from', 'to'],
  'saturation.no-slower': ['from', 'to'],
  // differences that nobody declared
  differs: ['config', 'value', 'reference', 'referenceValue'],
  'differs.accepted': [],
  'differs.effect-unknown': [],
  alike: ['value'],
  // around the server
  'outside.seen': ['config', 'outside', 'reference', 'referenceOutside'],
  'outside.share': ['config', 'outside', 'share'],
  'outside.buffered': ['config', 'stream', 'decode'],
  'outside.generate': [],
  'outside.small': ['config', 'outside'],
  'client.delay': ['config', 'delay', 'median', 'trials', 'of'],
  'client.small': ['config', 'delay'],
  'overhead.share': ['config', 'overhead', 'share'],
  'overhead.compute': ['config', 'compute', 'outputTokens'],
  'overhead.small': ['config', 'share'],
  // over time
  'decay.change': ['config', 'change', 'first', 'last', 'trials', 'of'],
  'decay.thermal': ['config', 'state'],
  'decay.battery': ['config'],
  'decay.no-sensor': [],
  'decay.none': ['config', 'change'],
  'swap.pages': ['config', 'pages'],
  'swap.few': ['config', 'pages'],
  'swap.none': ['config'],
  // settings
  'setting.not-read': ['config', 'setting'],
  'setting.not-read-documented': ['config', 'setting'],
  'setting.threads': ['config', 'threads'],
  'setting.context': ['config', 'context'],
  'setting.read-instead': ['name', 'instead'],
  'setting.all-read': ['variables'],
  'setting.not-applied': ['config', 'setting', 'effective'],
  'setting.applied': ['config', 'setting', 'effective'],
  'setting.one-model': ['config', 'setting'],
  'setting.queue-unused': ['config', 'setting'],
  'setting.queue-large': ['config', 'setting', 'users'],
  'setting.overridden': ['config', 'setting', 'option'],
  'setting.never-idle': ['config', 'setting', 'idle'],
  'setting.enough-slots': ['config', 'setting', 'users'],
  'setting.no-gpu': ['config', 'setting'],
  'setting.no-load': ['config', 'setting'],
  'setting.unchanged': ['config', 'setting', 'effective'],
  'setting.may-act': ['config', 'setting'],
  'setting.could-act': ['config', 'name', 'from', 'to', 'users'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type StatementCode = keyof typeof statementValues

type ValuesOf<Code extends StatementCode> = Readonly<
  Record<(typeof statementValues)[Code][number], Value>
>

export function statement<Code extends StatementCode>(
  code: Code,
  values: ValuesOf<Code>,
): Statement {
  return { code, values }
}
