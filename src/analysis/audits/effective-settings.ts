/** Audits whether the server reads each requested setting and runs with the requested value. */
import { z } from 'zod'
import type { StoredTrial } from '../../results/store.ts'
import { unchecked, type Audit } from './audit.ts'
import { parseJson } from '../../json/json.ts'
import { effectiveSetting, factByOption, setByLauncher } from '../setting-value.ts'
import { trialFacts } from '../trial-facts.ts'

const serverConfig = z.record(z.string(), z.string())

/** A different setting is only a warning: the figures are right, but they belong to other settings than requested. */
export function effectiveSettings({ header, evidence }: StoredTrial): Audit {
  const { env, options } = header.settings
  const facts = trialFacts(evidence)
  const listed = variablesOf(facts.get('serverConfig')?.value)
  const variables = Object.entries(env).filter(([name]) => !setByLauncher.has(name))
  const notRead: string[] = []
  const different: string[] = []
  let [verified, unknown] = [0, 0]
  for (const [name, requested] of variables) {
    // other variables, such as `LLAMA_ARG_…`, take effect without being listed
    if (listed !== undefined && !listed.has(name) && name.startsWith('OLLAMA_')) {
      verified += 1
      notRead.push(name)
      continue
    }
    const effect = effectiveSetting(name, requested, options, {
      listed: listed?.get(name),
      factOf: (id) => facts.get(id)?.value,
    })
    if (effect === undefined) {
      unknown += 1
      continue
    }
    verified += 1
    if (!effect.applied) different.push(name)
  }
  for (const [name, fact] of Object.entries(factByOption)) {
    const [requested, shown] = [options[name], facts.get(fact)?.value]
    if (typeof requested !== 'number' || typeof shown !== 'number') continue
    verified += 1
    if (requested !== shown) different.push(name)
  }
  const found = notRead.length + different.length > 0
  if (!found && unknown > 0 && (listed === undefined || verified === 0))
    return unchecked('effectiveSettings')
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
