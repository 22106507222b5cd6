import { describe, expect, it } from 'vitest'
import { locales } from '../../src/format/locales.generated.ts'
import { handwrittenLines, indexPage } from '../../src/notebook/index-page.ts'
import type { Lock } from '../../src/notebook/lock.ts'
import { overviewLine, overviewOf } from '../../src/notebook/overview.ts'
import { parseMarkdown, writeMarkdown } from '../../src/markdown/markdown.ts'
import { claim, config, content, digest } from './report-history.ts'
import { wordsOf } from './words.ts'

const page = (...locks: readonly Lock[]) => indexPage(locks, wordsOf).toString()
const allWords = locales.map(wordsOf)

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
  it('has one row per experiment, in the most frequent locale', () => {
    const text = page(
      locked('b', { title: '乙', locale: 'en', claims: {} }),
      locked('a', { title: '甲', question: '快吗？' }),
      locked('c', { title: '丙' }),
    )
    expect(text).toMatchInlineSnapshot(`
      "# 实验记录本

      本页由 \`exp report\` 生成，每个实验一行。请勿手改；备注写在各报告的「实验者记录」里。

      | 实验 | 问题 | 答案 | 结论 | 版本 | 日期 | 状态 |
      | - | - | - | - | - | - | - |
      | [甲](a/README.md) | 快吗？ | Docker 的平均延迟是本机的 6.2x | H1 ✅ | v1.2 | 2025-08-06 | ✅ 完成 1/1 |
      | [乙](b/README.md) | | Docker 的平均延迟是本机的 6.2x | | v1.2 | 2025-08-06 | ✅ 完成 1/1 |
      | [丙](c/README.md) | | Docker 的平均延迟是本机的 6.2x | H1 ✅ | v1.2 | 2025-08-06 | ✅ 完成 1/1 |
      "
    `)
    expect(handwrittenLines(text, allWords)).toEqual([])
  })

  it('lists demos last, without the answers and verdicts that an older program stored', () => {
    const rows = page(locked('a', { standIn: true }), locked('c'), locked('b')).split('\n')
    const demo =
      '| [A](a/README.md) | | 没有答案：数字是内置引擎的演示结果 | H1 ⛔ | v1.2 | 2025-08-06 | ⚠️ 演示结果 1/1 |'
    expect(rows.slice(-4)).toEqual([
      expect.stringContaining('b/README.md'),
      expect.stringContaining('c/README.md'),
      demo,
      '',
    ])
  })

  it('does not depend on the order of the folders', () => {
    const [a, b] = [locked('a'), locked('b')]
    expect(page(a, b)).toEqual(page(b, a))
    expect(page()).toContain('还没有报告')
  })

  it.each(hostile)('keeps its columns with %j in every text', (value) => {
    const text = page(locked('a', { title: value, question: value }), locked('b'))
    const tree = parseMarkdown(text)
    expect(writeMarkdown(tree)).toBe(text)
    const [table] = tree.children.filter((node) => node.type === 'table')
    expect(table?.children.map((row) => row.children.length)).toEqual([7, 7, 7])
    expect(tree.children.map(({ type }) => type)).toEqual(['heading', 'paragraph', 'table'])
    expect(handwrittenLines(text, allWords)).toEqual([])
  })

  it('reports lines that people wrote, but not the conflict markers of a merge', () => {
    const text = page(locked('a'))
    expect(handwrittenLines(`${text}\nOurs.\n`, allWords)).toEqual([{ line: 9, text: 'Ours.' }])
    const [row = ''] = text.split('\n').filter((line) => line.includes('a/README.md'))
    const conflict = `<<<<<<< HEAD\n${row}\n=======\n${row}\n>>>>>>> theirs`
    expect(handwrittenLines(text.replace(row, conflict), allWords)).toEqual([])
  })

  it('recognises the note that earlier versions of the program wrote', () => {
    const words = wordsOf('zh-CN')
    const text = page(locked('a')).replace(words.text('index.note'), words.text('index.formerNote'))
    expect(handwrittenLines(text, allWords)).toEqual([])
  })
})

describe('the line of an experiment', () => {
  it.each([
    [{ state: 'open' as const }, '🔄 进行中 1/1'],
    [{ standIn: true }, '⚠️ 演示结果 1/1'],
    [
      {
        configs: { a: config({ state: 'failed' }), b: config({ measurementDigest: digest('b') }) },
      },
      '❌ 有失败 1/2',
    ],
    [{ configs: { a: config({ state: 'incomplete' }) } }, '⚠️ 不完整 0/1'],
  ])('shows that an experiment is not complete: %j', (changes, state) => {
    expect(overviewLine(overviewOf(locked('a', changes)), wordsOf('zh-CN')).state).toBe(state)
  })

  it('names each verdict', () => {
    const claims = { H1: claim(), H2: claim({ verdict: 'indicated-against' }) }
    expect(overviewLine(overviewOf(locked('a', { claims })), wordsOf('en')).verdicts).toBe(
      'H1 ✅; H2 🔎 leans against',
    )
  })
})
