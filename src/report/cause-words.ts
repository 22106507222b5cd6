/** The short texts about causes: every word of `causes.yaml` with the values that it may name. */
import { causes } from '../diagnosis/cause.ts'
import { fixCodes } from '../diagnosis/fix.ts'
import { statementValues } from '../diagnosis/statement.ts'

/** Of the stored results, what a rule may have asked for in vain. */
const missing = [
  'requests',
  'keepAlive',
  'slots',
  'threads',
  'cpuCount',
  'computeDevice',
  'vramBytes',
  'layersOffloaded',
  'hostOs',
  'containerDeviceRequests',
  'gpu',
  'containerArchitecture',
  'hostArchitecture',
  'modelDigest',
  'quantization',
  'serverVersion',
  'contextLength',
  'swapInPages',
] as const

export const causeWordParameters: Readonly<Record<string, readonly string[]>> = {
  'rank.critical': [],
  'rank.secondary': [],
  'rank.improvable': [],
  'sureness.proven': [],
  'sureness.likely': [],
  'sureness.possible': [],
  'claim.measured': ['ms'],
  'claim.at-most': ['ms'],
  'claim.percent': ['percent'],
  'claim.unknown': [],
  'claim.within': ['causes'],
  'claim.alike': [],
  'claim.settings': [],
  'claim.exists': [],
  'join.evidence': [],
  'join.claims': [],
  'join.list': [],
  'end.evidence': [],
  'within.number': ['number'],
  'explained.gap': ['subject', 'reference', 'ms'],
  'explained.ratio': ['subject', 'reference', 'ratio'],
  'explained.own': ['subject', 'ms'],
  'other.finding': ['name', 'claim'],
  'column.do': [],
  'column.learn': [],
  'column.expected': [],
  'column.command': [],
  'expected.atMost': ['percent'],
  'expected.unknown': [],
  'fix.for': ['numbers'],
  ...Object.fromEntries(
    causes.flatMap((cause) =>
      ['name', 'short', 'basis'].map((part) => [`cause.${cause}.${part}`, []]),
    ),
  ),
  ...Object.fromEntries(
    Object.entries(statementValues).map(([code, values]) => [`statement.${code}`, values]),
  ),
  ...Object.fromEntries(missing.map((what) => [`missing.${what}`, []])),
  ...Object.fromEntries(fixCodes.map((code) => [`fix.${code}`, []])),
}

/** Words that only some causes have: the experiment that would test one. */
export const optionalCauseWords: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  causes.flatMap((cause) => [`next.${cause}.do`, `next.${cause}.learn`].map((id) => [id, []])),
)
