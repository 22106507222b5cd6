import { describe, expect, it } from 'vitest'
import { Project, yaml } from './project.ts'

const secret = 'hunter2'

describe('a secret in an experiment', () => {
  it('does not appear in reports, locks or the index', async () => {
    const text = yaml
      .replace('title: 两个设置', `title: by https://me:${secret}@host/x`)
      .replace('question: ', `question: http://u:${secret}@q, `)
      .replace('label: One slot', `label: "One at http://u:${secret}@h"`)
      .replace(
        '{OLLAMA_NUM_PARALLEL: 4}',
        `{OLLAMA_NUM_PARALLEL: 4, HF_TOKEN: ${secret}, HTTPS_PROXY: "http://u:${secret}@p:1"}`,
      )
      .replace('statement: Four', `statement: https://u:${secret}@s Four`)
    expect(text.split(secret).length).toBe(7)
    const project = new Project(text)
    await project.measure({ run: 'a', latency: { 'slots-1': 400, 'slots-4': 300 } })
    await project.publish()
    const written = [...project.snapshot()].filter(([name]) => name.startsWith('reports/'))
    const holding = written.filter(([, bytes]) => bytes.includes(secret)).map(([name]) => name)
    // Raw records are not checked: this test wrote them, while runs redact what they store.
    expect(holding.filter((name) => !name.includes('/results/'))).toEqual([])
    expect(project.text('reports/slots/README.md')).toContain('HF_TOKEN=')
    expect(await project.check()).toEqual([])
  })
})
