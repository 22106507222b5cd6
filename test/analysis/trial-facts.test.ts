import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { factsOf, trialFacts } from '../../src/analysis/trial-facts.ts'
import type { Evidence } from '../../src/results/record.ts'
import { ServerLog } from '../../src/ollama/server-log.ts'

const evidence = (source: string, facts: Evidence['facts']): Evidence => ({
  type: 'evidence',
  atMs: 0,
  when: 'after',
  source,
  facts,
})

/** What `/api/ps` and the log of a server said that was asked for 16,384 tokens with a model trained for 8,192. */
function recorded(version: string): readonly [Evidence, Evidence] {
  const folder = `test/fixtures/ollama/${version}`
  const ps = readFileSync(`${folder}/ctx-above-train-ps.json`, 'utf8')
  const log = new ServerLog()
  log.readText(readFileSync(`${folder}/ctx-above-train-server.log`, 'utf8'))
  // Records of earlier versions hold no context per slot from the log.
  const facts = { ...log.facts() }
  delete facts.contextLength
  const shown = Number(/"context_length":(\d+)/.exec(ps)?.[1])
  return [evidence('/api/ps', { contextLength: shown }), evidence('server log', facts)]
}

describe('the context of a trial', () => {
  it('is the one that the runner was started with, whichever evidence comes last', () => {
    const [ps, log] = recorded('0.11.3')
    expect(ps.facts.contextLength).toBe(16_384)
    for (const order of [
      [ps, log],
      [log, ps],
    ])
      expect(trialFacts(order).get('contextLength')).toEqual({
        value: 8192,
        source: 'server log',
      })
  })

  it.each(['0.20.0', '0.32.15'])('is the same in both sources of %s', (version) => {
    const [ps, log] = recorded(version)
    expect(ps.facts.contextLength).toBe(8192)
    expect(trialFacts([log, ps]).get('contextLength')?.value).toBe(8192)
  })

  it('is that of one slot', () => {
    const log = evidence('server log', { contextTotal: 16_384, slots: 4 })
    expect(factsOf([{ evidence: [log] }]).get('contextLength')?.values).toEqual([4096])
  })

  it('is what the server says if there is no log', () => {
    const ps = evidence('/api/ps', { contextLength: 4096 })
    expect(trialFacts([ps]).get('contextLength')).toEqual({ value: 4096, source: '/api/ps' })
  })
})
