/** Every command reads and writes inside the project only, whatever stands in place of its files. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { Project, yaml } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'

const words = 'WORDS-OF-ANOTHER'
const run = '20250806T070000Z-aaaa'

let base: Project
beforeAll(async () => {
  base = new Project(yaml.replace(/dataset:\n(?: +.*\n)+/, 'dataset: datasets/comments.yaml\n'))
  base.write(
    'experiments/datasets/comments.yaml',
    'name: comments\nsamples:\n  - {id: c01, text: 加V看全集}\n  - {id: c02, text: 好看}\n',
  )
  await base.measure({ run, latency: { 'slots-1': 100, 'slots-4': 50 } })
  cpSync('templates/en', path.join(base.root, 'templates/en'), { recursive: true })
  await base.publish()
})
afterAll(() => base.remove('.'))

/** A copy of a project whose check passes. */
function newProject(): Project {
  const project = new Project()
  onTestFinished(() => project.remove('.'))
  cpSync(base.root, project.root, { recursive: true })
  return project
}

/** A folder outside the project with one file. */
function outside(): { readonly folder: string; readonly file: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'exp-outside-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'a.md')
  writeFileSync(file, words)
  return { folder, file }
}

async function exp(project: Project, ...args: readonly string[]) {
  const io = memoryIo(project.root)
  const code = await runCommandLine(args, io)
  return { code, output: (io.out() + io.err()).replace(/\s+/g, ' ') }
}

/** Puts a link in place of the file or folder. */
function replace(project: Project, file: string, target: string): void {
  const place = path.join(project.root, file)
  rmSync(place, { recursive: true, force: true })
  mkdirSync(path.dirname(place), { recursive: true })
  symlinkSync(target, place)
}

const result = (project: Project): string =>
  `reports/slots/results/${project.files('reports/slots/results')[0] ?? ''}`

describe('exp check reads nothing outside the project', () => {
  const places: readonly (readonly [what: string, place: (project: Project) => string])[] = [
    ['the report', () => 'reports/slots/README.md'],
    ['the index', () => 'reports/README.md'],
    ['the lock', () => 'reports/slots/v1.0.lock.json'],
    ['a chart', (project) => chartOf(project)],
    ['the dropped runs', () => 'reports/slots/dropped.jsonl'],
    ['a result', result],
    ['a template', () => 'templates/en/report.hbs'],
    ['the words', () => 'templates/en/words.yaml'],
    ['the experiment', () => 'experiments/slots.yaml'],
    ['the dataset', () => 'experiments/datasets/comments.yaml'],
    ['the folder of the report', () => 'reports/slots'],
    ['the results', () => 'reports/slots/results'],
    ['the reports', () => 'reports'],
    ['the experiments', () => 'experiments'],
    ['the templates', () => 'templates'],
  ]

  it.each(places)('if a link stands in place of %s', async (_, placeOf) => {
    const { file } = outside()
    for (const target of [file, '/dev/zero', '/proc/self/environ']) {
      if (!existsSync(target)) continue // macOS has no /proc
      const project = newProject()
      const place = placeOf(project)
      replace(project, place, target)
      const { code, output } = await exp(project, 'check')
      expect(output).toContain(`\`${place}\` is a link that leads out of the project`)
      expect(code).toBeGreaterThan(0)
      expect(code).toBeLessThan(3)
      expect(output).not.toContain(words)
      expect(output).not.toContain(process.env['PATH'])
    }
  })

  it.each(places)('if a pipe that nobody writes stands in place of %s', async (_, placeOf) => {
    const project = newProject()
    const place = placeOf(project)
    rmSync(path.join(project.root, place), { recursive: true, force: true })
    execFileSync('sh', ['-c', 'mkfifo "$0"', path.join(project.root, place)])
    const { code, output } = await exp(project, 'check')
    expect(output).toMatch(/is not a (?:regular file|folder)/)
    expect(output).toContain(place.replace('experiments/datasets', 'datasets'))
    expect(code).toBeGreaterThan(0)
    expect(code).toBeLessThan(3)
  })
})

function chartOf(project: Project): string {
  const folder = 'reports/slots/charts/v1.0'
  return `${folder}/${readdirSync(path.join(project.root, folder))[0] ?? ''}`
}

describe('no command writes through a link', () => {
  const commands = [
    ['report', 'slots'],
    ['report', '--all'],
    ['report', 'slots', '--discard-edits'],
    ['drop', 'slots', run, '--why', 'x'],
    ['prune', 'slots'],
  ]

  it.each([
    'reports/slots/README.md',
    'reports/slots/v1.0.md',
    'reports/slots/v1.0.lock.json',
    'reports/slots/v1.1.lock.json',
    'reports/slots/charts/v1.0',
    'reports/slots/charts',
    'reports/slots/results',
    'reports/slots/dropped.jsonl',
    'reports/README.md',
    'reports/slots',
    'reports',
  ])('in place of %s', async (place) => {
    for (const args of commands) {
      const project = newProject()
      // So that each command has something to write: an edited report, and results of a new version.
      if (args.includes('--discard-edits'))
        project.edit('reports/slots/README.md', '## Conclusion', '## Conclusions')
      await project.measure({
        run: 'b',
        latency: { 'slots-1': 100, 'slots-4': 80 },
        day: '2025-08-07',
      })
      const original = path.join(project.root, place)
      const kind = /\.\w+$/.test(place) ? 'file' : 'folder'
      const other = outside()
      const inside = path.join(project.root, 'inside')
      if (existsSync(original)) cpSync(original, inside, { recursive: true })
      else writeFileSync(inside, words)
      for (const target of [other[kind], inside]) {
        replace(project, place, target)
        const before = textsIn(target)
        const { code, output } = await exp(project, ...args)
        expect(textsIn(target), args.join(' ')).toEqual(before)
        expect(code, `${args.join(' ')}: ${output}`).not.toBe(70)
        if (code !== 0)
          expect(output).toMatch(
            /is a link|was changed outside|v1\.1\.lock\.json is not JSON|is not a dropped run/,
          )
      }
    }
  })
})

/** The texts of the file, or of all files in the folder. */
function textsIn(place: string): readonly (readonly [name: string, text: string])[] {
  if (statSync(place).isFile()) return [['', readFileSync(place, 'latin1')]]
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(place, name)).isFile())
    .map((name) => [name, readFileSync(path.join(place, name), 'latin1')])
}

it('a path from the command line may be a link that leads out of the project', async () => {
  const project = newProject()
  const { folder } = outside()
  const packed = path.join(folder, 'slots.exp')
  expect(await exp(project, 'pack', 'slots', '--out', packed)).toMatchObject({ code: 0 })
  const link = path.join(folder, 'link.exp')
  symlinkSync(packed, link)
  const other = path.join(folder, 'other')
  mkdirSync(path.join(other, 'experiments'), { recursive: true })
  const io = memoryIo(other)
  expect(await runCommandLine(['unpack', link], io), io.err()).toBe(0)
  expect(statSync(path.join(other, 'reports/slots/README.md')).isFile()).toBe(true)
})
