/** An image of another architecture than the machine's: each instruction is translated. */
import { keyOf } from '../case.ts'
import { computeClaims, speedStatements } from '../compute.ts'
import { isDeclaredContainer, runsInContainer } from '../container.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { textOf } from '../config-facts.ts'
import { config, literal, statement } from '../statement.ts'

export const emulation: Rule = (given) => {
  const { subject } = given
  const key = keyOf(subject)
  if (!runsInContainer(subject) && !isDeclaredContainer(subject)) return undefined
  const [image, host] = [
    textOf(subject, 'containerArchitecture'),
    textOf(subject, 'hostArchitecture'),
  ]
  if (image === undefined) return unchecked('emulation', key, 'containerArchitecture')
  if (host === undefined) return unchecked('emulation', key, 'hostArchitecture')
  if (dockerName(image) === dockerName(host))
    return ruledOut('emulation', statement('emulation.alike', { image: literal(image) }))
  return found('emulation', {
    configs: [key],
    certainty: 'proven',
    evidence: [
      statement('emulation.differs', {
        config: config(key),
        image: literal(image),
        host: literal(host),
      }),
      ...speedStatements(given),
    ],
    share: 'at-most',
    claims: computeClaims(given),
    fixes: [
      {
        code: 'native-image',
        config: key,
        settings: [{ kind: 'container', name: 'platform', value: `linux/${dockerName(host)}` }],
      },
    ],
  })
}

/** One name for what uname, Node and Docker call differently. */
function dockerName(architecture: string): string {
  const name = architecture.toLowerCase()
  if (/^(x86_64|x64|amd64)$/.test(name)) return 'amd64'
  return /^(aarch64|arm64)$/.test(name) ? 'arm64' : name
}
