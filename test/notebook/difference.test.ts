import { describe, expect, it } from 'vitest'
import { differenceText } from '../../src/notebook/difference-text.ts'
import { differenceJson, differenceOf } from '../../src/notebook/difference.ts'
import type { Lock } from '../../src/notebook/lock.ts'
import type { Locale } from '../../src/format/locales.generated.ts'
import { readMetricWords } from '../../src/report/labels.ts'
import { shippedTemplates } from '../support/templates.ts'
import { claim, config, content, digest } from './report-history.ts'
import { wordsOf } from './words.ts'

const wordsIn = (locale: Locale) =>
  [wordsOf(locale), readMetricWords(shippedTemplates(locale))] as const

const locked = (version: string, changes: Parameters<typeof content>[0]): Lock => ({
  ...content(changes),
  version,
  answer: [],
  unwritten: {},
  carried: {},
  files: {},
})

const okRateClaim = claim({ metric: 'okRate', target: '>= 99%', comparator: '>=', value: 99 })
const before = locked('v1.0', {
  configs: {
    native: config({
      label: '本机',
      settings: { target: 'process', 'env.OLLAMA_NUM_PARALLEL': '1' },
      figures: {
        qps: 6.53,
        latencyP95: 668.6,
        okRate: 100,
      },
    }),
    gone: config({ label: '旧', measurementDigest: digest('gone'), figures: {} }),
  },
  claims: { H1: claim({ measured: 668.6, verdict: 'refuted' }), H3: okRateClaim },
})
const after = locked('v2.0', {
  createdAt: '2025-08-08T10:00:00+08:00',
  rounds: 8,
  configs: {
    native: config({
      label: '本机 (新)',
      measurementDigest: digest('native 2'),
      run: 'r2',
      settings: { target: 'process', 'env.OLLAMA_NUM_PARALLEL': '4', 'options.num_ctx': 4096 },
      figures: {
        qps: 7.07,
        latencyP95: 370.56,
        okRate: 99.5,
      },
    }),
    docker: config({
      label: 'Docker | 容器',
      measurementDigest: digest('docker'),
      state: 'pending',
      figures: {},
    }),
  },
  claims: {
    H1: claim({ measured: 370.56, verdict: 'supported' }),
    H2: claim({
      statement: '同样好',
      kind: 'same',
      metric: 'score.类别',
      target: '5pp',
      verdict: 'pending',
      value: 5,
    }),
    H3: okRateClaim,
  },
})

describe('the difference between two versions', () => {
  it('lists changed settings, figures and verdicts', () => {
    const difference = differenceOf(before, after)
    expect(difference.changes.map(({ code }) => code)).toEqual([
      'changed-configs',
      'removed-configs',
      'new-configs',
      'new-hypotheses',
      'rounds',
    ])
    expect(differenceText(difference, ['轮数 6 → 8'], 'text', ...wordsIn('zh-CN')))
      .toMatchInlineSnapshot(`
        "a: v1.0 → v2.0
        v1.0 (2025-08-06) → v2.0 (2025-08-08)
        轮数 6 → 8

        配置
          配置           之前            现在
          本机 (新)      本机, 已测, r1  已测, r2
          Docker | 容器  -               待测, r1
          旧             已测, r1        -

        设置
          配置       设置                 之前  现在
          本机 (新)  OLLAMA_NUM_PARALLEL  1     4
          本机 (新)  num_ctx              -     4096

        指标
          配置       指标          之前  现在   变化
          本机 (新)  QPS (1/s)     6.53  7.07   +8.3% ❔
          本机 (新)  P95延迟 (ms)  669   371    -44.6% ❔
          本机 (新)  成功率        100%  99.5%  -0.5 个百分点 ❔

        假设
          假设       目标      之前       现在
          H1 更快    <= 500ms  669 ms ❌  371 ms ✅
          H2 同样好  5pp       -          🔄

        ⬆️ 更好，⬇️ 更差，≈ 基本相同，❔ 不明确，或没有检验。指标的检验使用两个版本各轮的数据，并计入运行之间的波动；性能比值比较同一次运行里的两个配置，几乎不受这种波动影响。
        "
      `)
  })

  it('escapes the cells of its Markdown form', () => {
    expect(
      differenceText({ ...differenceOf(before, after), locale: 'en' }, [], 'md', ...wordsIn('en')),
    ).toMatchInlineSnapshot(`
      "## a: v1.0 → v2.0

      v1.0 (2025-08-06) → v2.0 (2025-08-08)

      neither results nor definition changed

      ### Configs

      | Config | Before | Now |
      | - | - | - |
      | 本机 (新) | 本机, measured, r1 | measured, r2 |
      | Docker \\| 容器 | - | pending, r1 |
      | 旧 | measured, r1 | - |

      ### Settings

      | Config | Setting | Before | Now |
      | - | - | - | - |
      | 本机 (新) | OLLAMA_NUM_PARALLEL | 1 | 4 |
      | 本机 (新) | num_ctx | - | 4096 |

      ### Figures

      | Config | Metric | Before | Now | Change |
      | - | - | - | - | - |
      | 本机 (新) | QPS (1/s) | 6.53 | 7.07 | +8.3% ❔ |
      | 本机 (新) | P95 latency (ms) | 669 | 371 | -44.6% ❔ |
      | 本机 (新) | Success rate | 100% | 99.5% | -0.5 points ❔ |

      ### Hypotheses

      | Hypothesis | Target | Before | Now |
      | - | - | - | - |
      | H1 更快 | <= 500ms | 669 ms ❌ | 371 ms ✅ |
      | H2 同样好 | 5pp | - | 🔄 |

      ⬆️ better, ⬇️ worse, ≈ practically the same, ❔ not clear, or not tested. Tests of figures use the rounds of both versions and allow for run-to-run variation. A ratio to the baseline compares two configs of the same run, so run-to-run variation hardly affects it.
      "
    `)
  })

  it('is empty between a version and itself', () => {
    const difference = differenceOf(before, before)
    expect(difference).toMatchObject({ changes: [], configs: [], claims: [] })
    expect(differenceText({ ...difference, locale: 'en' }, [], 'text', ...wordsIn('en'))).toBe(
      'a: v1.0 → v1.0\nv1.0 (2025-08-06) → v1.0 (2025-08-06)\nneither results nor definition changed\n',
    )
  })

  it('compares headline figures and those that both versions claim, not others in frozen locks', () => {
    const claims = { H1: claim(), H2: claim({ metric: 'okRate' }) }
    const original = locked('v1.0', {
      configs: { default: config({ figures: { qps: 1, okRate: 99, ttftP50: 80, latencyP50: 9 } }) },
      claims: { ...claims, H3: claim({ metric: 'ttftP50' }) },
    })
    const changed = locked('v1.1', {
      configs: { default: config({ figures: { qps: 2, okRate: 98 } }) },
      claims,
    })
    const [difference] = differenceOf(original, changed).configs
    expect(difference?.figures.map(({ metric }) => metric)).toEqual(['okRate', 'qps'])
  })

  it('says that a version has fewer results, not that somebody excluded them', () => {
    const rounds = (...names: readonly string[]) => ({
      default: config({
        results: Object.fromEntries(names.map((name) => [name, digest(name)])),
      }),
    })
    const first = locked('v1.0', { configs: rounds('r1') })
    const extended = locked('v1.1', { configs: rounds('r1', 'r2') })
    expect(differenceOf(first, extended).changes).toEqual([
      { code: 'new-results', configs: ['默认'] },
    ])
    expect(differenceOf(extended, first).changes).toEqual([
      { code: 'fewer-results', configs: ['默认'] },
    ])
    expect(differenceOf(extended, { ...first, dropped: { r1: 'noisy' } }).changes).toEqual([
      { code: 'fewer-results', configs: ['默认'] },
    ])
    const excluded = { ...first, version: 'v1.2', dropped: { r1: 'noisy' } }
    expect(differenceOf(extended, excluded).changes).toEqual([
      { code: 'dropped-results', configs: ['默认'] },
    ])
  })

  it('shows no verdicts of a demo, although older programs stored some', () => {
    const demo = (version: string, measured: number) =>
      locked(version, {
        standIn: true,
        claims: { H1: claim({ measured, verdict: 'refuted' }) },
      })
    expect(differenceOf(demo('v1.0', 1), demo('v1.1', 2)).claims).toEqual([])
  })

  it('matches a renamed config by what it measures', () => {
    const original = locked('v1.0', { configs: { default: config() } })
    const changed = locked('v1.0', { configs: { other: config({ label: 'Other' }) } })
    expect(differenceOf(original, changed).configs).toMatchObject([
      { label: 'Other', previousLabel: '默认', how: 'kept', figures: [], settings: [] },
    ])
  })

  it('keeps the keys of its JSON', () => {
    const original = locked('v1.0', { configs: { default: config() } })
    const changed = locked('v1.0', { configs: { other: config({ label: 'Other' }) } })
    const json = differenceJson(differenceOf(original, changed))
    expect(Object.keys(json)).toEqual([
      'experiment',
      'locale',
      'from',
      'to',
      'brought',
      'ratios',
      'configs',
      'claims',
    ])
    expect(json).toMatchObject({ configs: [{ label: 'Other', formerLabel: '默认' }] })
  })
})
