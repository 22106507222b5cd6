import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { tarBytes, tarFiles } from '../../src/files/tar.ts'
import { digestOf } from '../../src/notebook/lock.ts'
import { Project, yaml } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'

async function runExp(root: string, ...args: readonly string[]) {
  const io = memoryIo(root)
  return { code: await runCommandLine(args, io), stdout: io.out(), stderr: io.err() }
}

const projects: Project[] = []
afterEach(() => projects.splice(0).forEach((project) => project.remove('.')))

const withDataset = yaml.replace(
  /dataset:\n[^]*?workload:/,
  'dataset: datasets/comments.yaml\nworkload:',
)

/** A project with two versions, a dataset in a file of its own, a word of its own, and another experiment. */
async function packed(): Promise<{ readonly project: Project; readonly file: string }> {
  const project = new Project(withDataset)
  projects.push(project)
  project.write(
    'experiments/datasets/comments.yaml',
    'name: comments\nsamples: [{id: c01, text: hello}, {id: c02, text: nice}]\n',
  )
  project.write('experiments/other.yaml', yaml)
  project.write('exp.local.yaml', 'name: my-machine\n')
  project.write('templates/en/footer.hbs', 'Footer of our team\n')
  for (const run of ['r1', 'r2']) {
    await project.measure({ run, latency: { 'slots-1': 200, 'slots-4': 100 } })
    await project.publish()
  }
  const { code, stderr } = await runExp(project.root, 'pack', 'slots')
  expect(code, stderr).toBe(0)
  expect(stderr).toBe('')
  return { project, file: path.join(project.root, 'slots.exp.tgz') }
}

const emptyFolder = () => mkdtempSync(path.join(os.tmpdir(), 'exp-unpacked-'))
const archiveOf = (file: string) => new Map(tarFiles(gunzipSync(readFileSync(file)), 100))

/** The pack with other files; its list names them as they are now. */
function changed(file: string, change: (files: Map<string, Buffer>) => void): string {
  const files = archiveOf(file)
  files.delete('pack.json')
  change(files)
  const list = [...files].map(([name, bytes]) => [
    name,
    { bytes: bytes.length, digest: digestOf(bytes) },
  ])
  const manifest = { packFormat: 1, experiment: 'slots', files: Object.fromEntries(list) as object }
  return written(new Map([['pack.json', Buffer.from(JSON.stringify(manifest))], ...files]))
}

function written(files: ReadonlyMap<string, Buffer>): string {
  const file = path.join(emptyFolder(), 'changed.tgz')
  writeFileSync(file, gzipSync(tarBytes(files)))
  return file
}

describe('exp pack and exp unpack', () => {
  it('bring a report to a machine without the repository, where it passes the check', async () => {
    const { project, file } = await packed()
    const root = emptyFolder()
    const { code, stdout, stderr } = await runExp(root, 'unpack', file)
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('new: reports/slots/README.md')
    expect(stdout.match(/\S*results\S*/g)).toEqual(['reports/slots/results/*'])
    expect((await runExp(root, 'check')).code).toBe(0)
    for (const name of [
      'reports/slots/README.md',
      'reports/slots/v1.0.md',
      'templates/en/footer.hbs',
    ])
      expect(readFileSync(path.join(root, name))).toEqual(project.bytes(name))
    for (const name of ['experiments/experiment.schema.json', '.gitattributes', '.gitignore'])
      expect(stdout).toContain(`new: ${name}`)
    const again = await runExp(root, 'unpack', file)
    expect(again.stdout).toContain('slots: 0 files written')
  })

  it('pack only what belongs to the experiment, and the same bytes each time', async () => {
    const { project, file } = await packed()
    const names = [...archiveOf(file).keys()]
    expect(names.filter((name) => !name.startsWith('reports/slots/'))).toEqual([
      'pack.json',
      'experiments/datasets/comments.yaml',
      'experiments/slots.yaml',
      'templates/en/footer.hbs',
    ])
    await runExp(project.root, 'pack', 'slots', '--out', 'again.tgz')
    expect(project.bytes('again.tgz')).toEqual(readFileSync(file))
    const { code, stderr } = await runExp(project.root, 'pack', 'slots')
    expect([code, stderr.includes('`slots.exp.tgz` already exists')]).toEqual([2, true])
  })

  it('replace a file with other content only after a yes', async () => {
    const { file } = await packed()
    const root = emptyFolder()
    await runExp(root, 'unpack', file)
    const own = path.join(root, 'experiments/slots.yaml')
    writeFileSync(own, yaml)
    const refused = await runExp(root, 'unpack', file)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('1 file exists with other content')
    expect(refused.stderr).toContain('experiments/slots.yaml')
    expect(readFileSync(own, 'utf8')).toBe(yaml)
    expect((await runExp(root, 'unpack', file, '--yes')).code).toBe(0)
    expect(readFileSync(own, 'utf8')).toBe(withDataset)
  })

  it('name each secret that is in the file of the experiment, without printing it', async () => {
    const { project } = await packed()
    project.edit(
      'experiments/slots.yaml',
      'OLLAMA_NUM_PARALLEL: 1}',
      'OLLAMA_NUM_PARALLEL: 1, DB_PASSWORD: hunter2}',
    )
    const { stderr } = await runExp(project.root, 'pack', 'slots', '--out', 'other.tgz')
    expect(stderr).toMatch(
      /slots\.yaml:\d+:\d+: `DB_PASSWORD` looks like a secret[^]*the pack\s+contains it/,
    )
    expect(stderr).not.toContain('hunter2')
  })

  it('bring templates into a project with other experiments only after a yes', async () => {
    const { file } = await packed()
    const root = emptyFolder()
    mkdirSync(path.join(root, 'experiments'))
    writeFileSync(path.join(root, 'experiments/own.yaml'), yaml)
    const refused = await runExp(root, 'unpack', file)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('The pack brings 1 template')
    expect(refused.stderr).toContain('  templates/en/footer.hbs')
    expect(existsSync(path.join(root, 'reports'))).toBe(false)
    expect((await runExp(root, 'unpack', file, '--yes')).code).toBe(0)
    expect(existsSync(path.join(root, 'templates/en/footer.hbs'))).toBe(true)
    expect(await runExp(root, 'unpack', file)).toMatchObject({ code: 0, stderr: '' })
  })

  it.each([
    [
      'to more than 100 times its size',
      () => gzipSync(Buffer.alloc(50_000_000)),
      /unpacks to more than 16000000 bytes/,
    ],
    [
      'to more than 20,000 files',
      () =>
        gzipSync(tarBytes(new Map(Array.from({ length: 20_002 }, (_, at) => [`a${at}`, text])))),
      /holds more than 20001 files/,
    ],
  ])('refuse a pack that unpacks %s', async (_, bytes, message) => {
    const file = path.join(emptyFolder(), 'bomb.tgz')
    writeFileSync(file, bytes())
    const { code, stderr } = await runExp(emptyFolder(), 'unpack', file)
    expect(code).toBe(2)
    expect(stderr.replace(/\s+/g, ' ')).toMatch(message)
  })

  it('write nothing through a link', async () => {
    const { file } = await packed()
    const [root, elsewhere] = [emptyFolder(), emptyFolder()]
    symlinkSync(elsewhere, path.join(root, 'reports'))
    const { code, stderr } = await runExp(root, 'unpack', file, '--into', root, '--yes')
    expect(code).toBe(3)
    expect(stderr).toContain('is a link')
  })

  const text = Buffer.from('x')
  it.each([
    ['../outside.yaml', 'is no place for a file of a pack'],
    ['/etc/passwd', 'is no place for a file of a pack'],
    ['package.json', 'is no place for a file of a pack'],
    ['experiments/.git/config', 'is no place for a file of a pack'],
    ['experiments/../../x.yaml', 'is no place for a file of a pack'],
    ['experiments\\x.yaml', 'is no place for a file of a pack'],
    ['reports/other/README.md', 'is no place for a file of a pack'],
    ['reports/slots/results/x.sh', 'is no place for a file of a pack'],
    ['experiments/other.yaml', 'the experiment does not read `experiments/other.yaml`'],
    ['reports/slots/readme.md', 'is no place for a file of a pack'],
    ['reports/slots/v9.md', 'is no place for a file of a pack'],
    ['reports/slots/v9.9.md', 'belongs to no version'],
    ['templates/en/strange.hbs', 'is not a template'],
  ])('refuse a pack with %s', async (name, message) => {
    const { file } = await packed()
    const root = emptyFolder()
    const { code, stderr } = await runExp(
      root,
      'unpack',
      changed(file, (all) => all.set(name, text)),
    )
    expect(code).toBe(2)
    expect(stderr.replace(/\s+/g, ' ')).toContain(message)
    expect((await runExp(root, 'list')).stdout).not.toContain('slots')
  })

  it.each([
    [
      'a file that its list does not name',
      (all: Map<string, Buffer>) => all.set('experiments/x.csv', text),
    ],
    ['a file that is missing', (all: Map<string, Buffer>) => all.delete('experiments/slots.yaml')],
    [
      'a file with another digest',
      (all: Map<string, Buffer>) => all.set('reports/slots/README.md', text),
    ],
    ['no list', (all: Map<string, Buffer>) => all.delete('pack.json')],
  ])('refuse a pack with %s', async (_, change) => {
    const { file } = await packed()
    const all = archiveOf(file)
    change(all)
    const root = emptyFolder()
    expect((await runExp(root, 'unpack', written(all))).code).toBe(2)
  })

  it('refuse a pack whose result is not the one that its lock names', async () => {
    const { file } = await packed()
    const forged = changed(file, (all) => {
      const name = [...all.keys()].find((each) => each.includes('/results/r1')) ?? ''
      all.set(name, Buffer.from(all.get(name)?.toString().replace('"index":0', '"index":9') ?? ''))
    })
    const { code, stderr } = await runExp(emptyFolder(), 'unpack', forged)
    expect(code).toBe(2)
    expect(stderr.replace(/\s+/g, ' ')).toContain('is not the result that')
  })

  it('refuse a file that is no pack', async () => {
    const file = path.join(emptyFolder(), 'x.tgz')
    writeFileSync(file, 'hello')
    const { code, stderr } = await runExp(emptyFolder(), 'unpack', file)
    expect([code, stderr.includes('not compressed by gzip')]).toEqual([2, true])
    expect((await runExp(emptyFolder(), 'unpack', 'missing.tgz')).code).toBe(2)
  })
})
