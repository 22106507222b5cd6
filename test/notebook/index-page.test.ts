import { describe, expect, it } from 'vitest'
import { handwrittenLines, indexPage } from '../../src/notebook/index-page.ts'
import type { Lock } from '../../src/notebook/lock.ts'
import { overviewLine, overviewOf } from '../../src/notebook/overview.ts'
import { parseMarkdown, writeMarkdown } from '../../src/markdown/markdown.ts'
import { claim, config, content, digest } from './story.ts'

const locked = (experiment: string, changes: Parameters<typeof content>[0] = {}): Lock => ({
  ...content({ experiment, ...changes }),
  version: 'v1.2',
  answer: ['Docker 的平均延迟是本机的 6.2x'],
  unwritten: {},
  carried: {},
  files: {},
})

const hostile = [
  'a | b',
  '`',
  '# x',
  '<!-- exp:keep a -->',
  '<script>',
  '{{title}}',
  'two\nlines',
  '\u001b[31m',
  '](x)',
  '*',
  '',
]

describe('the index of the notebook', () => {
  it('has a row an experiment, in the language of most', () => {
    const page = indexPage([
      locked('b', { title: '乙', locale: 'en', claims: {} }),
      locked('a', { title: '甲', question: '快吗？' }),
      locked('c', { title: '丙', standIn: true }),
    ]).toString()
    expect(page).toMatchInlineSnapshot(`
      "# 实验记录本

      本页由 \`exp report\` 生成，每个实验一行；要写的话请写在各报告的实验者记录里。

      | 实验 | 问题 | 答案 | 结论 | 版本 | 日期 | 状态 |
      | - | - | - | - | - | - | - |
      | [甲](a/README.md) | 快吗？ | Docker 的平均延迟是本机的 6.2x | H1 ✅ | v1.2 | 2025-08-06 | ✅ 完成 1/1 |
      | [乙](b/README.md) | | Docker 的平均延迟是本机的 6.2x | | v1.2 | 2025-08-06 | ✅ 完成 1/1 |
      | [丙](c/README.md) | | Docker 的平均延迟是本机的 6.2x | H1 ✅ | v1.2 | 2025-08-06 | ✅ 完成 1/1；替身引擎 |
      "
    `)
    expect(handwrittenLines(page)).toEqual([])
  })

  it('is the same whatever the order of the folders', () => {
    const [a, b] = [locked('a'), locked('b')]
    expect(indexPage([a, b])).toEqual(indexPage([b, a]))
    expect(indexPage([]).toString()).toContain('还没有报告')
  })

  it.each(hostile)('keeps its columns and its form with %j in every text', (text) => {
    const page = indexPage([locked('a', { title: text, question: text }), locked('b')]).toString()
    const tree = parseMarkdown(page)
    expect(writeMarkdown(tree)).toBe(page)
    const [table] = tree.children.filter((node) => node.type === 'table')
    expect(table?.children.map((row) => row.children.length)).toEqual([7, 7, 7])
    expect(tree.children.map(({ type }) => type)).toEqual(['heading', 'paragraph', 'table'])
    expect(handwrittenLines(page)).toEqual([])
  })

  it('tells what people wrote into it, and not the markers of a merge', () => {
    const page = indexPage([locked('a')]).toString()
    expect(handwrittenLines(`${page}\nOurs.\n`)).toEqual([{ line: 9, text: 'Ours.' }])
    const [row = ''] = page.split('\n').filter((line) => line.includes('a/README.md'))
    expect(
      handwrittenLines(page.replace(row, `<<<<<<< HEAD\n${row}\n=======\n${row}\n>>>>>>> theirs`)),
    ).toEqual([])
  })
})

describe('an experiment in a line', () => {
  it.each([
    [{ state: 'open' as const }, '🔄 进行中 1/1'],
    [{ standIn: true }, '✅ 完成 1/1；替身引擎'],
    [
      {
        configs: { a: config({ state: 'failed' }), b: config({ measurementDigest: digest('b') }) },
      },
      '❌ 有失败 1/2',
    ],
    [{ configs: { a: config({ state: 'incomplete' }) } }, '⚠️ 不完整 0/1'],
  ])('never reads as done while it is not: %j', (changes, state) => {
    expect(overviewLine(overviewOf(locked('a', changes)), 'zh-CN').state).toBe(state)
  })

  it('names each verdict', () => {
    const claims = { H1: claim(), H2: claim({ verdict: 'indicated-against' }) }
    expect(overviewLine(overviewOf(locked('a', { claims })), 'en').verdicts).toBe(
      'H1 ✅; H2 🔎 against',
    )
  })
})
