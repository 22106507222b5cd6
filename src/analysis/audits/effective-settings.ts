/** Audits whether the server reads each requested setting and runs with the requested value. */
import { z } from 'zod'
import type { FactId } from '../../results/facts.ts'
import type { StoredTrial } from '../../results/store.ts'
import { unchecked, type Audit } from './audit.ts'
import { parseJson } from '../../json/json.ts'
import { isApplied, setByLauncher } from '../setting-value.ts'

/** The fact that shows the effective value of a request option. */
const shownOptions: Readonly<Record<string, FactId>> = {
  num_ctx: 'contextLength',
  num_thread: 'threads',
  num_batch: 'batchSize',
}

const serverConfig = z.record(z.string(), z.string())

/** A finding is only a warning: the figures are right, but they belong to other settings than the requested ones. */
export function effectiveSettings({ header, evidence }: StoredTrial): Audit {
  const { env, options } = header.settings
  const factOf = (id: FactId) =>
    evidence.findLast(({ facts }) => facts[id] !== undefined)?.facts[id]
  const effective = variablesOf(factOf('serverConfig'))
  const variables = Object.entries(env).filter(([name]) => !setByLauncher.has(name))
  const notRead: string[] = []
  const different: string[] = []
  for (const [name, requested] of effective === undefined ? [] : variables) {
    const shown = effective?.get(name)
    if (shown === undefined) {
      // other variables, such as `LLAMA_ARG_…`, take effect without being listed
      if (name.startsWith('OLLAMA_')) notRead.push(name)
    } else if (isApplied(name, requested, shown) === false) different.push(name)
  }
  let verified = effective === undefined ? 0 : variables.length
  for (const [name, fact] of Object.entries(shownOptions)) {
    const [requested, shown] = [options[name], factOf(fact)]
    if (typeof requested !== 'number' || typeof shown !== 'number') continue
    verified += 1
    if (requested !== shown) different.push(name)
  }
  if (verified === 0 && variables.length > 0) return unchecked('effectiveSettings')
  const found = notRead.length + different.length > 0
  return {
    id: 'effectiveSettings',
    outcome: found ? 'warn' : 'pass',
    numbers: {
      settings: verified,
      ...(notRead.length === 0 ? {} : { notRead: notRead.join(', ') }),
      ...(different.length === 0 ? {} : { different: different.join(', ') }),
    },
  }
}

function variablesOf(fact: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof fact !== 'string') return undefined
  const { data } = serverConfig.safeParse(parseJson(fact))
  return data && new Map(Object.entries(data))
}
