/** The image has another architecture than the machine, so each instruction is translated. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { maxMsOfSlowCompute, speedStatements } from '../compute.ts'
import { keyOf, textOf, isDeclaredContainer, runsInContainer } from '../config-facts.ts'
import { applyFix } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, literal, statementOf } from '../statement.ts'

const statements = {
  'emulation.differs': ['config', 'image', 'host'],
  'emulation.alike': ['image'],
  'emulation.both': ['host'],
} as const
const statement = statementOf(statements)

export const emulation = defineRule({
  id: 'emulation',
  references: ['ollama/ollama#1868', 'docker/for-mac#7137'],
  statements,
  next: applyFix,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, reference } = input
  const key = keyOf(subject)
  if (!runsInContainer(subject) && !isDeclaredContainer(subject)) return undefined
  const [image, host] = architecturesOf(subject)
  if (image === undefined) return unchecked(key, 'containerArchitecture')
  if (host === undefined) return unchecked(key, 'hostArchitecture')
  if (dockerName(image) === dockerName(host))
    return ruledOut(statement('emulation.alike', { image: literal(image) }))
  if (reference && isEmulated(reference))
    return ruledOut(statement('emulation.both', { host: literal(host) }))
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: [
      statement('emulation.differs', {
        config: config(key),
        image: literal(image),
        host: literal(host),
      }),
      ...speedStatements(input),
    ],
    cost: 'at-most',
    maxMs: maxMsOfSlowCompute(input),
    fixes: [
      {
        code: 'native-image',
        config: key,
        settings: [{ kind: 'container', name: 'platform', value: `linux/${dockerName(host)}` }],
      },
    ],
  })
}

/** The architectures of the image and of the host. */
function architecturesOf(side: ConfigAnalysis) {
  return [textOf(side, 'containerArchitecture'), textOf(side, 'hostArchitecture')] as const
}

function isEmulated(side: ConfigAnalysis): boolean {
  const [image, host] = architecturesOf(side)
  return image !== undefined && host !== undefined && dockerName(image) !== dockerName(host)
}

/** Docker's name for an architecture, which uname and Node name differently. */
function dockerName(architecture: string): string {
  const name = architecture.toLowerCase()
  if (/^(x86_64|x64|amd64)$/.test(name)) return 'amd64'
  return /^(aarch64|arm64)$/.test(name) ? 'arm64' : name
}
