/** Texts by language in reports, locks, the index and the terminal. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { openNotebook } from '../../src/notebook/notebook.ts'
import { experimentIds, readExperiment } from '../../src/notebook/project.ts'
import { Renderer } from '../../src/notebook/renderer.ts'
import { memoryIo } from '../support/memory-io.ts'
import { reportedProject } from './reported-project.ts'

const han = /\p{Script=Han}/u

describe('the committed experiments', () => {
  const root = process.cwd()
  const renderer = new Renderer(root, undefined)

  it.each(experimentIds(root))('%s has an English report without a Chinese word', async (id) => {
    const { draft } = await renderer.render(readExperiment(root, id))
    const report = draft.files.get('README.en.md')?.toString('utf8') ?? ''
    const lines = report.replace('[中文](README.md)', '').split('\n')
    expect(lines.filter((line) => han.test(line))).toEqual([])
    expect(lines.length).toBeGreaterThan(50)
    expect(draft.answer('en').filter((line) => han.test(line))).toEqual([])
    expect(draft.verdicts('en').filter((line) => han.test(line))).toEqual([])
  })

  it('are listed without a Chinese word in an English terminal', () => {
    const english = openNotebook({ root }).list('en').overviews
    const texts = english.flatMap(({ title, question = '' }) => [title, question])
    expect(texts.filter((text) => han.test(text))).toEqual([])
  })
})

const yaml = `title: {en: Two settings, zh-CN: 两个设置}
question: {en: How much faster are four slots?, zh-CN: 4 个槽快多少？}
locale: [zh-CN, en]
model: qwen3:0.6b
dataset:
  name: comments
  samples:
    - {id: c01, text: 加V看全集}
    - {id: c02, text: 好看}
workload:
  api: chat
  prompt: "{{text}}"
  load: {users: 3, requests: 24}
rounds: 2
configs:
  slots-1:
    label: {en: One slot, zh-CN: 一个槽}
    target: {url: "http://127.0.0.1:11434"}
    env: {OLLAMA_NUM_PARALLEL: 1}
  slots-4:
    from: slots-1
    label: {en: Four slots, zh-CN: 四个槽}
    env: {OLLAMA_NUM_PARALLEL: 4}
baseline: slots-1
hypotheses:
  - id: H1
    statement: {en: Four slots answer sooner, zh-CN: 四个槽回答更快}
    claim: {metric: latencyMean, config: slots-4, change: "<= -10%"}
`

describe('a report in two languages', () => {
  const inLanguage = async (root: string, lang: string, ...args: readonly string[]) => {
    const io = memoryIo(root)
    const code = await runCommandLine(['--lang', lang, ...args], io)
    expect(code, io.err()).toBe(0)
    return io.out()
  }

  it('is shown in the language of the terminal, from its lock and its file', async () => {
    const project = await reportedProject(yaml)
    const list = await inLanguage(project.root, 'en', 'list')
    expect(list).toContain('Two settings')
    expect(list).not.toMatch(han)
    const show = await inLanguage(project.root, 'en', 'show', 'slots')
    expect(show).toMatch(/How much faster.*\n(?:.*\n)*.*Four slots/)
    expect(show).toContain('reports/slots/README.en.md')
    expect(show).not.toMatch(han)
    expect(await inLanguage(project.root, 'zh-CN', 'show', 'slots')).toContain('四个槽')
  })

  it('shows the differences between versions, and its history, in its language', async () => {
    const project = await reportedProject(yaml)
    await project.measure({
      run: '20250807T070000Z-bbbb',
      latency: { 'slots-1': 110, 'slots-4': 40 },
    })
    await project.publish()
    const diff = await inLanguage(project.root, 'en', 'diff', 'slots')
    expect(diff).toContain('new results: One slot, Four slots')
    expect(diff).not.toMatch(han)
    const report = project.text('reports/slots/README.en.md')
    expect(report).toContain('new results: One slot, Four slots')
    expect(report.replace('[中文]', '')).not.toMatch(han)
    expect(project.text('reports/slots/README.md')).toContain('四个槽')
  })

  it('links the frozen version to the same version in the other language', async () => {
    const project = await reportedProject(yaml)
    await project.measure({
      run: '20250807T070000Z-bbbb',
      latency: { 'slots-1': 110, 'slots-4': 40 },
    })
    await project.publish()
    expect(project.text('reports/slots/v1.0.md')).toContain('](v1.0.en.md)')
    expect(project.text('reports/slots/v1.0.en.md')).toContain('](v1.0.md)')
    expect(project.text('reports/slots/README.md')).toContain('](README.en.md)')
    expect((await project.notebook.check()).findings).toEqual([])
  })

  it('keeps the text of a lock that the file no longer has', async () => {
    const project = await reportedProject(yaml)
    const file = path.join(project.root, 'experiments/slots.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replaceAll('四个槽', '4 个槽'))
    const [lock] = project.notebook.versions('slots', 'en')
    expect(lock?.title).toBe('Two settings')
    expect(lock?.configs['slots-4']?.label).toBe('四个槽')
    expect(lock?.configs['slots-1']?.label).toBe('One slot')
  })
})
