/** A dataset that stays out of git: only `exp.local.yaml` on the machine of its owner says where it is. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { lockBytes, parseLock } from '../../src/notebook/lock.ts'
import { memoryIo } from '../support/memory-io.ts'
import { Project, yaml } from './project.ts'

const samples = `name: the name inside the private file
samples:
  - {id: c01, text: 加V看全集, expected: {category: ad}}
  - {id: c02, text: 好看, expected: {category: none}}
checks:
  - {name: category right, field: category, measure: exact}
  - {name: JSON, measure: json}
`

const experiment = (keep: string) =>
  yaml.replace(/dataset:\n(?: {2}.*\n)+/, `dataset: support\nkeep: {prompts: ${keep}}\n`)

const lockFile = 'reports/slots/v1.0.lock.json'
const local = 'exp.local.yaml'

/** A project on the machine of the owner, who measured and published. */
async function ownersProject(keep = 'digest'): Promise<{ project: Project; file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'exp-private-folder-'))
  const file = join(folder, 'hidden-file.yaml')
  writeFileSync(file, samples)
  const project = new Project(experiment(keep))
  onTestFinished(() => {
    project.remove('.')
    rmSync(folder, { recursive: true })
  })
  project.write(local, `datasets: {support: ${JSON.stringify(file)}}\n`)
  await project.measure({
    run: '20250806T070000Z-aaaa',
    latency: { 'slots-1': 100, 'slots-4': 50 },
  })
  for (const name of project.files('reports/slots/results'))
    project.edit(
      `reports/slots/results/${name}`,
      /"outcome":"ok"/g,
      '"outcome":"ok","scores":{"JSON":1,"category right":0.5}',
    )
  await project.publish()
  return { project, file }
}

async function exp(project: Project, ...args: readonly string[]) {
  const io = memoryIo(project.root)
  const code = await runCommandLine(args, io)
  return { code, out: io.out(), err: io.err() }
}

function committedTexts(project: Project): string {
  const folder = join(project.root, 'reports')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

describe.each(['digest', 'none'])('a private dataset with `keep: {prompts: %s}`', (keep) => {
  it('leaves its name in reports, and neither its path nor a word of its file', async () => {
    const { project } = await ownersProject(keep)
    expect(project.text('reports/slots/README.md')).toContain('support (2 samples)')
    expect(project.text('reports/slots/README.md')).toMatch(/category right[^]*JSON/)
    const texts = committedTexts(project)
    for (const word of ['exp-private-folder', 'hidden-file', 'inside the private', '加V看全集'])
      expect(texts).not.toContain(word)
  })

  it('is not needed to check, list, show and export a report, and to render the same bytes', async () => {
    const { project } = await ownersProject(keep)
    const before = new Map(project.snapshot())
    const exported = await exp(project, 'export', 'slots')
    project.remove(local)
    before.delete(local)
    expect(await exp(project, 'check')).toMatchObject({ code: 0 })
    expect(await exp(project, 'report', '--all')).toMatchObject({ code: 0 })
    expect(project.snapshot()).toEqual(before)
    project.edit('reports/slots/README.md', '## Conclusion', '## Conclusions')
    await project.publish('slots', true)
    expect(committedTexts(project)).not.toContain('## Conclusions')
    expect([...project.snapshot()].map(([name, text]) => [name, text.replace(/^\S+/, '')])).toEqual(
      [...before].map(([name, text]) => [name, text.replace(/^\S+/, '')]),
    )
    expect(await exp(project, 'export', 'slots')).toEqual(exported)
    expect(await exp(project, 'show', 'slots')).toMatchObject({ code: 0 })
    expect(await exp(project, 'list')).toMatchObject({ code: 0 })
  })

  it('is compared with the results if it is on the machine', async () => {
    const { project, file } = await ownersProject(keep)
    expect(await exp(project, 'check')).toMatchObject({ code: 0, err: '' })
    writeFileSync(file, samples.replace('好看', '难看'))
    const { code, out } = await exp(project, 'check')
    expect(code).toBe(1)
    expect(out).toContain('reports/slots/README.md does not match the results')
  })

  it('is needed to measure: `exp run` says where to name it, before it measures', async () => {
    const { project } = await ownersProject(keep)
    project.remove(local)
    const { code, err } = await exp(project, 'run', 'experiments/slots.yaml', '--yes')
    expect(code).toBe(3)
    expect(err).toContain('the private dataset `support` is not on this machine')
    expect(err.replace(/\s+/g, ' ')).toContain(
      "Name its file in `exp.local.yaml`, in the project's folder: `datasets: {support: PATH}`",
    )
  })
})

describe('without a private dataset', () => {
  it('a changed workload is compared with the results by the stored digest', async () => {
    const { project } = await ownersProject()
    project.remove(local)
    project.edit('experiments/slots.yaml', 'users: 3', 'users: 4')
    const { code, out } = await exp(project, 'check')
    expect(code).toBe(1)
    expect(out).toContain('starts v2.0')
  })

  it('`check` says what it could not compare if not even a digest is stored, which is no failure', async () => {
    const { project } = await ownersProject('none')
    expect(JSON.stringify(parseLock(project.bytes(lockFile), lockFile))).not.toContain(
      'datasetDigest',
    )
    project.remove(local)
    const line =
      'experiments/slots.yaml: the definition could not be compared with the results, because the dataset support is not on this machine'
    expect(await exp(project, 'check')).toMatchObject({ code: 0, err: `${line}\n` })
    const github = await exp(project, 'check', '--format', 'github', '--summary', 'summary.md')
    expect(github).toMatchObject({
      code: 0,
      out: `::notice file=experiments/slots.yaml,title=exp check::${line}\n`,
    })
    expect(project.text('summary.md')).toContain('could not be compared with the results')
  })

  it('never takes the results of one config for those of a changed one', async () => {
    const { project } = await ownersProject('none')
    project.remove(local)
    project.edit('experiments/slots.yaml', 'OLLAMA_NUM_PARALLEL: 4', 'OLLAMA_NUM_PARALLEL: 8')
    for (const command of ['check', 'report']) {
      const { code, out, err } = await exp(project, command, 'slots')
      expect(code).toBe(command === 'check' ? 1 : 3)
      expect((out + err).replace(/\s+/g, ' ')).toContain(
        'the config `slots-4` of `slots` was changed or added, and without the private dataset `support` nobody can tell which results are its own',
      )
    }
  })

  it('labels, titles and pauses may change, because they are not measured', async () => {
    const { project } = await ownersProject('none')
    project.remove(local)
    project.edit('experiments/slots.yaml', 'label: Four slots', 'label: Four\n    settle: 2s')
    expect(await exp(project, 'report', 'slots')).toMatchObject({ code: 0 })
    expect(project.text('reports/slots/README.md')).toMatch(/-50\.0%/)
  })

  it('an experiment without a report names what is missing, and stops no other', async () => {
    const { project } = await ownersProject()
    project.write('experiments/other.yaml', experiment('digest'))
    project.write('reports/other/dropped.jsonl', '')
    project.remove(local)
    const { code, out } = await exp(project, 'check')
    expect(code).toBe(1)
    expect(out).toContain(
      'the private dataset `support` is not on this machine, and no report of `other` knows it',
    )
    expect(out).not.toContain('reports/slots')
    expect(await exp(project, 'list')).toMatchObject({ code: 0 })
    expect(await exp(project, 'validate', 'experiments/other.yaml')).toMatchObject({
      code: 0,
      out: 'experiments/other.yaml: valid\n',
    })
  })

  it('a lock of another dataset is not used', async () => {
    const { project } = await ownersProject()
    project.remove(local)
    project.edit('experiments/slots.yaml', 'dataset: support', 'dataset: others')
    expect((await exp(project, 'check')).out).toContain('no report of `slots` knows it')
  })

  it('a lock that names objects of JavaScript as configs is read', async () => {
    const { project } = await ownersProject('none')
    project.remove(local)
    project.edit('experiments/slots.yaml', /slots-4/g, 'constructor')
    expect((await exp(project, 'check')).out).toContain('the config `constructor` of `slots`')
  })

  it('a lock with checks and numbers of a stranger ends in findings', async () => {
    const { project } = await ownersProject()
    project.remove(local)
    const lock = parseLock(project.bytes(lockFile), lockFile)
    const configs = Object.fromEntries(
      Object.entries(lock.configs).map(([key, config]) => [
        key,
        {
          ...config,
          settings: {
            ...config.settings,
            datasetSamples: -1e300,
            'datasetCheck.1': 'exact',
            'datasetCheck.2': 'json __proto__',
          },
        },
      ]),
    )
    project.write(lockFile, lockBytes({ ...lock, configs }))
    const { code, out } = await exp(project, 'check')
    expect(code).toBe(1)
    expect(out).toContain('reports/slots/README.md')
  })
})

describe('the name of a private dataset', () => {
  const validated = async (project: Project) => {
    const { code, err } = await exp(project, 'validate', 'experiments/slots.yaml')
    return { code, err: err.replace(/\s+/g, ' ') }
  }

  it('is that of a file beside the experiment where there is one, and both are refused', async () => {
    const { project } = await ownersProject()
    project.write('experiments/support', samples)
    const { code, err } = await validated(project)
    expect(code).toBe(2)
    expect(err).toContain(
      'slots.yaml:5:10: error private-dataset `support` is the name of a private',
    )
    expect(err).toContain('write `./support` for the file')
    project.edit('experiments/slots.yaml', 'dataset: support', 'dataset: ./support')
    expect((await validated(project)).code).toBe(0)
    project.edit('experiments/slots.yaml', 'dataset: ./support', 'dataset: support')
    project.remove(local)
    expect((await validated(project)).code).toBe(0)
    expect(project.experiment().dataset).toMatchObject({ name: 'the name inside the private file' })
  })

  it('has no slash and no suffix: those are paths, which never lead out of the project', async () => {
    const { project, file } = await ownersProject()
    for (const name of ['support.yaml', 'a/support', '../support', '"~/support"', '.support']) {
      project.write(
        'experiments/slots.yaml',
        experiment('digest').replace('dataset: support', `dataset: ${name}`),
      )
      expect((await validated(project)).err).toContain('error missing-dataset')
    }
    for (const name of ['a/b', 'a.yaml', '"-a"', '""', '../a']) {
      project.write(local, `datasets: {${name}: ${JSON.stringify(file)}}\n`)
      project.write('experiments/slots.yaml', experiment('digest'))
      expect((await validated(project)).err).toContain('exp.local.yaml:1:')
    }
  })

  it('suggests the file of the project that may be meant', async () => {
    const { project } = await ownersProject()
    project.remove(local)
    project.write('experiments/datasets/support.csv', 'text\na\n')
    expect((await validated(project)).err).toContain('`datasets/support.csv`')
  })

  it('may name a link or a JSONL file, but no folder, missing file or pipe', async () => {
    const { project, file } = await ownersProject()
    const name = (place: string) =>
      project.write(local, `datasets: {support: ${JSON.stringify(place)}}\n`)
    symlinkSync(file, `${file}.link.yaml`)
    name(`${file}.link.yaml`)
    expect((await validated(project)).code).toBe(0)
    writeFileSync(`${file}.jsonl`, '{"text": "a"}\n')
    name(`${file}.jsonl`)
    expect((await validated(project)).code).toBe(0)
    expect(project.experiment().dataset).toMatchObject({ name: 'support', isPrivate: true })
    name(tmpdir())
    expect((await validated(project)).err).toContain('cannot be read: it is a folder')
    name(`${file}.missing`)
    expect((await validated(project)).err).toContain('there is no file')
    execFileSync('sh', ['-c', 'mkfifo "$0"', `${file}.pipe.yaml`])
    name(`${file}.pipe.yaml`)
    expect((await validated(project)).err).toContain('it is not a regular file')
  })

  it('warns if results will contain the prompts', async () => {
    const { project } = await ownersProject('text')
    expect(await validated(project)).toMatchObject({
      code: 0,
      err: expect.stringContaining(
        'slots.yaml:6:17: warning private-dataset the dataset `support` is private, but the results will contain its prompts',
      ) as string,
    })
  })

  it('keeps every word of the dataset out of the output of `exp check`, which others may read', async () => {
    const { project, file } = await ownersProject()
    writeFileSync(file, samples.replace('category: ad', 'category: [PLANTED]'))
    const inside = await exp(project, 'check')
    writeFileSync(
      file,
      samples.replace('text: 好看', 'PLANTED: 好看').replace('id: c02', 'id: PLANTED'),
    )
    const unfit = await exp(project, 'check')
    for (const { code, out, err } of [inside, unfit]) {
      expect(code).toBe(1)
      expect(out + err).not.toContain('PLANTED')
      expect(out + err).not.toContain('hidden-file')
    }
    expect(inside.out).toContain('a private dataset that it names is invalid')
    expect(unfit.out).toContain(
      'experiments/slots.yaml:9:11: the prompt does not fit the private dataset',
    )
  })
})

describe('exp.local.yaml that git tracks', () => {
  it('is refused: a stranger’s branch names no file and no program of this machine', async () => {
    const { project } = await ownersProject()
    const git = (...args: string[]) => execFileSync('git', args, { cwd: project.root })
    git('init', '-q')
    expect(await exp(project, 'check')).toMatchObject({ code: 0 })
    git('add', '-f', local)
    const { code, out } = await exp(project, 'check')
    expect(code).toBe(1)
    expect(out).toContain('git tracks this file')
    const run = await exp(project, 'run', 'experiments/slots.yaml', '--yes')
    expect(run.code).toBe(2)
    expect(run.err).toContain('git tracks this file')
    // On a disk that ignores case, the name of the tracked file is that of the settings too.
    git('rm', '-q', '--cached', local)
    project.write('EXP.Local.yaml', '{}')
    git('add', '-f', 'EXP.Local.yaml')
    expect((await exp(project, 'check')).out).toContain('git tracks this file')
  })
})
