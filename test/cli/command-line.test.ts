import { mkdtemp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { smallExperiment } from '../support/project.ts'

async function emptyProject(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'exp-cli-'))
}

describe('the command line', () => {
  it('lists all commands, examples and exit codes for --help, and exits 0', async () => {
    const io = memoryIo(await emptyProject())
    expect(await runCommandLine(['--help'], io)).toBe(0)
    for (const command of [
      'init',
      'compare',
      'tune',
      'validate',
      'run',
      'report',
      'check',
      'diff',
      'list',
      'show',
      'rerun',
      'drop',
      'kubernetes',
      'doctor',
      'embedded',
      'engine',
      'ollama',
    ])
      expect(io.out()).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'))
    expect(io.out()).toContain('exp run experiments/slots.yaml')
  })

  it('suggests a similar command for an unknown one, and exits 2', async () => {
    const io = memoryIo(await emptyProject())
    expect(await runCommandLine(['rum', 'x.yaml'], io)).toBe(2)
    expect(io.err()).toContain('Did you mean run?')
  })

  it('names the help of a command whose arguments are wrong, and exits 2', async () => {
    const io = memoryIo(await emptyProject())
    expect(await runCommandLine(['show'], io)).toBe(2)
    expect(io.err()).toBe(
      "error: missing required argument 'id'\nhint:  `exp show --help` shows how to call it\n",
    )
  })

  it('says that there is no experiment of a name, not that its report is missing', async () => {
    const io = memoryIo(await emptyProject())
    expect(await runCommandLine(['show', 'slots'], io)).toBe(2)
    expect(io.err()).toContain('no report of `slots`, and no experiment of this name')
    expect(io.err()).toContain('`exp init slots` writes such an experiment')
  })

  it('accepts `--only` several times or with commas, before the file', async () => {
    const root = await emptyProject()
    await runCommandLine(['init', 'a'], memoryIo(root))
    const plan = async (...only: readonly string[]) => {
      const io = memoryIo(root)
      await runCommandLine(['run', ...only, 'experiments/a.yaml', '--dry-run'], io)
      return io.err()
    }
    expect(await plan('--only', 'x')).toMatch(/no config is named `x`/)
    expect(await plan('--only', 'num-parallel-4', '--only', 'y')).toMatch(/no config is named `y`/)
    expect(await plan('--only', 'num-parallel-4,z')).toMatch(/no config is named `z`/)
  })

  it('refuses contradictory flags before it reads any file', async () => {
    const io = memoryIo(await emptyProject())
    expect(await runCommandLine(['run', 'nothing.yaml', '--alone'], io)).toBe(2)
    expect(io.err()).toContain('`--alone` requires `--only`')
  })
})

describe('exp init', () => {
  it('writes a valid file, and does not overwrite an existing one', async () => {
    const cwd = await emptyProject()
    expect(await runCommandLine(['init', 'first-look'], memoryIo(cwd))).toBe(0)
    const written = await readFile(join(cwd, 'experiments/first-look.yaml'), 'utf8')
    const check = memoryIo(cwd)
    expect(await runCommandLine(['validate', 'experiments/first-look.yaml'], check)).toBe(0)
    expect(check.err()).toBe('')
    const again = memoryIo(cwd)
    expect(await runCommandLine(['init', 'first-look'], again)).toBe(2)
    expect(again.err()).toContain('`experiments/first-look.yaml` already exists')
    expect(await readFile(join(cwd, 'experiments/first-look.yaml'), 'utf8')).toBe(written)
  })

  it.each(['../up', 'Big', '-x', 'a b', ''])('refuses the name %j', async (name) => {
    const cwd = await emptyProject()
    expect(await runCommandLine(['init', '--', name], memoryIo(cwd))).toBe(2)
    expect(await readdir(cwd)).toEqual([])
  })
})

it('exp validate does not read a device as a dataset', async () => {
  const cwd = await emptyProject()
  await mkdir(join(cwd, 'experiments'))
  await symlink('/dev/zero', join(cwd, 'experiments/endless.yaml'))
  await writeFile(join(cwd, 'experiments/x.yaml'), 'title: x\ndataset: endless.yaml\n')
  const io = memoryIo(cwd)
  expect(await runCommandLine(['validate', 'experiments/x.yaml'], io)).toBe(2)
  expect(io.err() + io.out()).toContain('is a link that leads out of the project')
})

describe('exp run with invalid input', () => {
  const cases: readonly (readonly [
    what: string,
    file: string,
    text: string | undefined,
    message: string,
  ])[] = [
    ['a missing file', 'experiments/gone.yaml', undefined, 'there is no file'],
    ['a directory', 'experiments', undefined, 'it is a folder'],
    ['an empty file', 'experiments/x.yaml', '', 'experiments/x.yaml:1:1:'],
    [
      'YAML with a tab',
      'experiments/x.yaml',
      'title: a\nconfigs:\n\ta: {}\n',
      'experiments/x.yaml:3:',
    ],
    ['an unknown key', 'experiments/x.yaml', 'titel: a\n', 'did you mean `title`?'],
    ['a wrong type', 'experiments/x.yaml', 'title: [1]\n', 'experiments/x.yaml:1:8:'],
    ['10 MB of noise', 'experiments/x.yaml', 'x'.repeat(10_000_000), 'experiments/x.yaml'],
    [
      'an alias bomb',
      'experiments/x.yaml',
      `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n')}\n`,
      'experiments/x.yaml:',
    ],
  ]
  it.each(cases)(
    'prints a message for %s, exits 2 and writes nothing',
    async (_what, file, text, message) => {
      const cwd = await emptyProject()
      await mkdir(join(cwd, 'experiments'))
      if (text !== undefined) await writeFile(join(cwd, file), text)
      const io = memoryIo(cwd)
      expect(await runCommandLine(['run', file], io)).toBe(2)
      expect(io.err()).toContain(message)
      expect(io.err().length).toBeLessThan(20_000)
      expect(await readdir(cwd)).toEqual(['experiments'])
    },
  )
})

describe('an experiment that `exp check` would not find', () => {
  const text = smallExperiment()
  it.each([
    ['other/a.yaml', '`other/a.yaml` is not where `exp check` looks for experiments'],
    ['experiments/deep/a.yaml', 'is not where `exp check` looks for experiments'],
    ['experiments/a.YAML', 'is not where `exp check` looks for experiments'],
    ['experiments/B.yaml', '`experiments/B.yaml` and `experiments/b.yaml` differ only in case'],
  ])('is refused before anything is measured: %s', async (file, message) => {
    const cwd = await emptyProject()
    await mkdir(join(cwd, 'experiments/deep'), { recursive: true })
    await mkdir(join(cwd, 'other'))
    await writeFile(join(cwd, 'experiments/b.yaml'), text)
    await writeFile(join(cwd, file), text)
    const io = memoryIo(cwd)
    expect(await runCommandLine(['run', file], io)).toBe(2)
    expect(io.err()).toContain(message)
    expect((await readdir(cwd)).includes('reports')).toBe(false)
  })
})

describe('exp check in a notebook without reports', () => {
  const checked = async (experiment: string) => {
    const cwd = await emptyProject()
    await mkdir(join(cwd, 'experiments'))
    await writeFile(join(cwd, 'experiments/a.yaml'), experiment)
    const io = memoryIo(cwd)
    expect(await runCommandLine(['check'], io)).toBe(1)
    return { cwd, err: io.err() }
  }
  const recorded = `title: a
configs:
  old: {recorded: {source: a.md, date: 2025-08-06, metrics: {qps: 6.5/s}}}
`

  it('names the run that writes the first one', async () => {
    const { err } = await checked(smallExperiment())
    expect(err).toBe(
      'error: there is no report yet\nhint:  `exp run experiments/a.yaml` measures and writes the first one\n',
    )
  })

  it('names `exp report` if all figures come from documents, and that command works', async () => {
    const { cwd, err } = await checked(recorded)
    expect(err).toContain('`exp report a` writes the first one')
    expect(await runCommandLine(['report', 'a'], memoryIo(cwd))).toBe(0)
    expect(await runCommandLine(['check'], memoryIo(cwd))).toBe(0)
  })

  it('shows why no experiment is valid, and `exp report` names the command that does', async () => {
    const { cwd } = await checked('title: [')
    const io = memoryIo(cwd)
    expect(await runCommandLine(['report'], io)).toBe(2)
    expect(io.err()).toContain('`exp validate experiments/a.yaml` shows why')
  })
})
