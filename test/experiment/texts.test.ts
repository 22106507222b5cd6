import { describe, expect, it } from 'vitest'
import { inLocale, textsOf } from '../../src/experiment/in-locale.ts'
import { codes, experimentText, parse, parsed } from './support.ts'

const twoGroups = (native: string, docker: string) =>
  [
    'configs:',
    `  native: {target: process, label: {en: Native, zh-CN: 本机}, group: ${native}}`,
    `  docker: {target: {docker: {image: a}}, label: Docker, group: ${docker}}`,
    '  slots: {from: native, env: {OLLAMA_NUM_PARALLEL: 4}}',
  ].join('\n')

const both = {
  title: 'title: {zh-CN: 槽位, en: Slots}',
  question: 'question: {zh-CN: 快多少？}',
  locale: 'locale: [zh-CN, en]',
  hardware: 'hardware: {device: Mac, cpu: {zh-CN: 8核, en: 8 cores}}',
  configs: twoGroups('{zh-CN: 一, en: one}', '一'),
  baseline: 'baseline: native',
  hypotheses: [
    'hypotheses:',
    '  - {statement: {en: Faster}, claim: {metric: qps, config: slots, change: ">= 10%"}}',
  ].join('\n'),
  estimates: 'estimates: {zh-CN: {虚拟化: 慢 10%}, en: {virtualisation: 10% slower}}',
  analysis: 'analysis: {zh-CN: 好, en: Good}',
}

describe('the texts of an experiment', () => {
  it('are those of its first language, and of any other on request', () => {
    const experiment = parsed(experimentText(both))
    expect(textsOf(experiment)).toMatchObject({
      title: '槽位',
      hardware: { device: 'Mac', cpu: '8核' },
      estimates: { 虚拟化: '慢 10%' },
      analysis: '好',
    })
    const english = inLocale(experiment, 'en')
    expect(textsOf(english)).toMatchObject({
      title: 'Slots',
      hardware: { device: 'Mac', cpu: '8 cores' },
      estimates: { virtualisation: '10% slower' },
      analysis: 'Good',
    })
    expect(english.configs.map(({ label }) => label)).toEqual(['Native', 'Docker', 'slots'])
    expect(inLocale(english, 'zh-CN')).toEqual(experiment)
  })

  it('are in another language where one is missing', () => {
    const experiment = parsed(experimentText(both))
    expect(inLocale(experiment, 'en').question).toBe('快多少？')
    expect(experiment.hypotheses[0]?.statement).toBe('Faster')
  })

  it('name a group that several configs share once for all of them', () => {
    const groups = (native: string, docker: string) =>
      inLocale(
        parsed(experimentText({ ...both, configs: twoGroups(native, docker) })),
        'en',
      ).configs.map(({ group }) => group)
    expect(groups('{zh-CN: 一, en: one}', '一')).toEqual(['one', 'one', 'one'])
    expect(groups('一', '{zh-CN: 一, en: one}')).toEqual(['one', 'one', 'one'])
    expect(groups('一', '{zh-CN: 二, en: two}')).toEqual(['一', 'two', '一'])
  })

  it('keep two groups apart whose names are the same in another language', () => {
    const configs = twoGroups('{zh-CN: 一, en: Server}', '{zh-CN: 二, en: Server}')
    const experiment = parsed(experimentText({ ...both, configs }))
    const groupsOf = ({ configs: all }: typeof experiment) => all.map(({ group }) => group)
    expect(groupsOf(experiment)).toEqual(['一', '二', '一'])
    expect(groupsOf(inLocale(experiment, 'en'))).toEqual(['Server', 'Server (二)', 'Server'])
    expect(groupsOf(inLocale(inLocale(experiment, 'en'), 'zh-CN'))).toEqual(['一', '二', '一'])
  })

  it('do not change what a config measures', () => {
    const digests = (text: string) =>
      parsed(text).configs.map(({ measurementDigest }) => measurementDigest)
    const plain = { ...both, title: 'title: 槽位', configs: twoGroups('一', '一') }
    expect(digests(experimentText(both))).toEqual(digests(experimentText(plain)))
    const checks = (label: string) =>
      experimentText({
        dataset: `dataset: {name: a, samples: [{text: b, expected: c}], checks: [{name: d, ${label}measure: exact}]}`,
      })
    expect(digests(checks('label: {en: E, zh-CN: F}, '))).toEqual(digests(checks('')))
  })

  it('are absent by language if the file gives each of them once', () => {
    expect(parsed(experimentText()).texts).toBeUndefined()
  })
})

describe('exp validate', () => {
  const warnings = (parts: Readonly<Record<string, string>>) =>
    parse(experimentText(parts))
      .problems.filter(({ code }) => code === 'missing-text')
      .map(({ line, column, message }) => `${line}:${column} ${message}`)

  it('warns about a text that a report would show in another language', () => {
    expect(warnings({ title: 'title: {zh-CN: 槽位}', locale: 'locale: [zh-CN, en]' })).toEqual([
      '1:8 this text is missing in `en`: the report in `en` shows it in `zh-CN`',
    ])
    expect(warnings({ title: 'title: 槽位', locale: 'locale: en' })).toEqual([
      '1:8 this text is Chinese, and the report in `en` shows it as it is',
    ])
  })

  it('takes no name for a text in another language', () => {
    const names = ['native', 'Ollama 0.11.3 vs 0.12.0 on Linux', 'num_ctx=4096', 'P95 ≤ 500 ms']
    for (const name of names) {
      const locale = 'locale: [zh-CN, en]'
      expect(codes(experimentText({ title: `title: "${name}"`, locale })), name).not.toContain(
        'missing-text',
      )
    }
  })

  it('asks for no language if the file asks for none', () => {
    expect(warnings({ title: 'title: More slots are better for many users' })).toEqual([])
  })
})
