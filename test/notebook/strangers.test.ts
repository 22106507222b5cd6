/** What a stranger's pull request could make people believe, or copy into their terminal. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { lockBytes, parseLock } from '../../src/notebook/lock.ts'
import { memoryIo } from '../support/memory-io.ts'
import { yaml, type Project } from './project.ts'
import { reportedProject } from './reported-project.ts'

const lockFile = 'reports/slots/v1.0.lock.json'

async function exp(project: Project, ...args: readonly string[]) {
  const io = memoryIo(project.root)
  const code = await runCommandLine(args, io)
  return { code, out: io.out(), err: io.err() }
}

describe('a lock', () => {
  it('is that of the experiment whose folder it lies in, whatever it says', async () => {
    const project = await reportedProject()
    cpSync(join(project.root, 'reports/slots'), join(project.root, 'reports/other'), {
      recursive: true,
    })
    const lock = parseLock(project.bytes(lockFile), lockFile)
    project.write(lockFile, lockBytes({ ...lock, experiment: '../../../etc' }))
    const { out } = await exp(project, 'list', '--json')
    expect(JSON.parse(out)).toMatchObject([{ id: 'other' }, { id: 'slots' }])
    expect((await exp(project, 'show', 'slots')).out).toContain('reports/slots/README.md')
    const checked = await exp(project, 'check', 'slots')
    expect(checked.code).toBe(1)
    expect(checked.out).toContain(`${lockFile} does not match the results`)
  })
})

describe('a command that a message offers', () => {
  it('quotes each file name as one word', async () => {
    const project = await reportedProject()
    const lock = parseLock(project.bytes(lockFile), lockFile)
    project.write("reports/it's $(touch x); y/v1.0.lock.json", project.bytes(lockFile))
    const name = 'a`b$(touch x);y.jsonl'
    const configs = Object.fromEntries(
      Object.entries(lock.configs).map(([key, config]) => [
        key,
        { ...config, results: { ...config.results, [name]: `sha256:${'0'.repeat(64)}` } },
      ]),
    )
    project.write(lockFile, lockBytes({ ...lock, configs }))
    const { out } = await exp(project, 'check')
    expect(out).toContain(String.raw`git rm -r 'reports/it'\''s $(touch x); y'`)
    expect(out).toContain(`git checkout -- 'reports/slots/results/${name}'`)
  })
})

describe('names that every JavaScript object has', () => {
  it('are refused if a lock could not store them', async () => {
    const project = await reportedProject()
    project.edit('experiments/slots.yaml', 'id: H1', 'id: __proto__')
    const { code, err } = await exp(project, 'validate', 'experiments/slots.yaml')
    expect(code).toBe(2)
    expect(err).toContain('error reserved-key `__proto__` cannot be the id of a hypothesis')
    const result = `reports/slots/results/${project.files('reports/slots/results')[0] ?? ''}`
    project.edit('experiments/slots.yaml', 'id: __proto__', 'id: H1')
    project.edit(result, '"run":"20250806T070000Z-aaaa"', '"run":"__proto__"')
    expect((await exp(project, 'check')).out).toContain('is not the id of a run')
  })

  it('cannot be the name of an experiment', async () => {
    const project = await reportedProject()
    project.write('experiments/__proto__.yaml', yaml)
    expect((await exp(project, 'check')).out).toContain(
      '`__proto__.yaml` is not a valid name for an experiment',
    )
  })

  it.each(['constructor', 'hasownproperty', 'tostring', 'valueof'])(
    'are keys of configs like others: %s',
    async (key) => {
      const project = await reportedProject()
      project.write('experiments/slots.yaml', yaml.replaceAll('slots-4', key))
      for (const args of [['report', 'slots'], ['check'], ['show', 'slots'], ['list']])
        expect(await exp(project, ...args)).toMatchObject({ code: 0 })
    },
  )
})

it('findings are printed although broken templates leave no words for the summary', async () => {
  const project = await reportedProject()
  for (const locale of ['en', 'zh-CN']) project.write(`templates/${locale}/notebook.yaml`, '{')
  project.edit('reports/slots/README.md', '## Conclusion', '## Conclusions')
  const { code, out, err } = await exp(project, 'check', '--format', 'github', '--summary', 's.md')
  expect(code).toBe(2)
  expect(out).toMatch(/^::error file=/)
  expect(err).toContain('templates/zh-CN/notebook.yaml:1')
})
