import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { diagnosePair, type Facts } from '../diagnosis/support/pairs.ts'
import { inputOf } from './support/analysis.ts'
import { lineIf } from '../support/report-parts.ts'

const lists = (variables: Readonly<Record<string, string>>): Facts => ({
  serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '5m0s', ...variables }),
})

/** The part of the report about the settings in which `slow` differs from `fast`. */
function settingsThatDiffer(locale: 'en' | 'zh-CN'): string {
  const { experiment, analysis } = diagnosePair({
    slow: {
      config: {
        env: { OLLAMA_KEEP_ALIVE: '-1', OLLAMA_KV_CACHE_TYPE: 'q8_0', OLLAMA_LLM_LIBRARY: 'cpu' },
      },
      facts: {
        ...lists({
          OLLAMA_KEEP_ALIVE: '2562047h47m16.854775807s',
          OLLAMA_KV_CACHE_TYPE: 'q8_0',
          OLLAMA_LLM_LIBRARY: 'cpu',
        }),
        kvCacheType: 'f16',
        threads: 4,
      },
      server: { pace: 2 },
    },
    fast: {
      facts: {
        ...lists({ OLLAMA_KV_CACHE_TYPE: '', OLLAMA_LLM_LIBRARY: '' }),
        kvCacheType: 'f16',
      },
    },
    experiment: { locales: [locale] },
  })
  const report = renderReport(inputOf(experiment, analysis, { locale }))
  const heading = lineIf(locale, 'comparison.hbs', 'differences')
  return report.split(heading)[1]?.split('\n#')[0] ?? ''
}

describe('the table of settings that differ', () => {
  const part = settingsThatDiffer('en')

  it('says which rows come from what the engine does, and which from the list of variables', () => {
    expect(part).toContain(
      'Effective values, from the server log (Threads), the variables that the server lists (`OLLAMA_KEEP_ALIVE`, `OLLAMA_LLM_LIBRARY`).',
    )
  })

  it('leaves out a variable for which both engines do the same', () => {
    expect(part).not.toContain('| `OLLAMA_KV_CACHE_TYPE` |')
  })

  it('leaves no cell blank', () => {
    const rows = part.split('\n').filter((line) => line.startsWith('|'))
    expect(rows).toContain('| `OLLAMA_LLM_LIBRARY` | — | cpu |')
    expect(rows.filter((row) => /\|\s*\|/.test(row))).toEqual([])
  })

  it.each([
    ['en', 'never'],
    ['zh-CN', '永不'],
  ] as const)('writes a keep-alive without an end as a word: %s', (locale, word) => {
    expect(settingsThatDiffer(locale)).toContain(`| \`OLLAMA_KEEP_ALIVE\` | 5m0s | ${word} |`)
  })
})
