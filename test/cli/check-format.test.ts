/** `exp check --format github` and `--summary`: annotations and a comment for a pull request. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { annotationLine } from '../../src/cli/check/annotations.ts'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { Project, yaml } from '../notebook/project.ts'
import { repository } from '../notebook/repository.ts'
import { memoryIo } from '../support/memory-io.ts'

async function exp(root: string, ...args: readonly string[]) {
  const io = memoryIo(root, { env: {} })
  return { code: await runCommandLine(args, io), out: io.out(), err: io.err() }
}

const readme = 'reports/slots/README.md'

describe('an annotation', () => {
  it('escapes what would end it or begin another command', () => {
    const line = annotationLine({
      level: 'error',
      title: 'a, b: c',
      file: '100%,x:y\n::warning::',
      line: 3,
      message: '50%\r\n::stop-commands::x, y: z',
    })
    expect(line).toBe(
      '::error file=100%25%2Cx%3Ay%0A%3A%3Awarning%3A%3A,line=3,title=a%2C b%3A c::50%25%0D%0A::stop-commands::x, y: z',
    )
  })
})

describe('exp check --format github', () => {
  it('places a stale report at its first different line', async () => {
    const { project } = await repository()
    project.edit('experiments/slots.yaml', 'title: 两个设置', 'title: Slots')
    const { code, out } = await exp(project.root, 'check', '--format', 'github')
    expect(code).toBe(1)
    const lines = out.trimEnd().split('\n')
    expect(lines.every((line) => line.startsWith('::error file='))).toBe(true)
    expect(lines[0]).toContain(`file=${readme},line=1,title=exp check::`)
    expect(lines[0]).toContain('%0A`exp report slots` updates it')
  })

  it('places every problem of an invalid experiment at its line and column', async () => {
    const { project } = await repository()
    project.edit('experiments/slots.yaml', 'rounds: 2', 'rounds: -2\ntypo: "::warning::x"')
    const { code, out } = await exp(project.root, 'check', '--format', 'github')
    expect(code).toBe(1)
    const line = project.text('experiments/slots.yaml').split('\n').indexOf('rounds: -2') + 1
    expect(out).toContain(`file=experiments/slots.yaml,line=${line},col=9,`)
    expect(out).toContain(`file=experiments/slots.yaml,line=${line + 1},col=1,`)
    expect(out.split('\n').filter((each) => !each.startsWith('::error '))).toEqual([''])
  })

  it('places a gate at the hypothesis, relative to the root of the git repository', async () => {
    const project = new Project(`${yaml}    gate: true\n`)
    await project.measure({ run: 'a', latency: { 'slots-1': 300, 'slots-4': 400 }, rounds: 2 })
    await project.publish()
    const io = memoryIo(project.root, { env: { GITHUB_WORKSPACE: join(project.root, '..') } })
    expect(await runCommandLine(['check', '--gate', '--format', 'github'], io)).toBe(1)
    const line = project.text('experiments/slots.yaml').split('\n').indexOf('  - id: H1') + 1
    const folder = project.root.split('/').at(-1) ?? ''
    expect(io.out()).toMatch(
      `::error file=${folder}/experiments/slots.yaml,line=${line},title=exp check --gate::gate: H1`,
    )
  })

  it('passes with a warning if there is no report, or no gate', async () => {
    const empty = await exp(new Project().root, 'check', '--gate', '--format', 'github')
    expect(empty.code).toBe(0)
    expect(empty.out).toMatch(/^::warning title=exp check::there is no report yet/)
    const { project } = await repository()
    const ungated = await exp(project.root, 'check', '--gate', '--format', 'github')
    expect(ungated.code).toBe(0)
    expect(ungated.out).toMatch(/^::warning title=exp check::no hypothesis is gated/)
  })
})

describe('exp check --summary', () => {
  it('writes verdicts, changes against a branch and findings, in this order', async () => {
    const { project, git } = await repository()
    await git('checkout', '-q', '-b', 'faster')
    const latency = { 'slots-1': 200, 'slots-4': 150 }
    await project.measure({ run: '20250807-b', latency, day: '2025-08-07' })
    await project.publish()
    project.edit(readme, '#', '# edited')
    const { code } = await exp(project.root, 'check', '--summary', 's.md', '--against', 'main')
    expect(code).toBe(1)
    const summary = readFileSync(join(project.root, 's.md'), 'utf8')
    const places = [
      '| `slots` | 两个设置 |',
      '## slots: v1.0 (main) → v1.1',
      '## Check',
      '- ❌ text of',
    ]
    expect(places.map((text) => summary.includes(text))).toEqual([true, true, true, true])
    const order = places.map((text) => summary.indexOf(text))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it('says that nothing changed and that the check passed', async () => {
    const { project } = await repository()
    await exp(project.root, 'check', '--summary', 's.md', '--against', 'main')
    const summary = project.text('s.md')
    expect(summary).toContain('No figure, verdict or definition differs from main.')
    expect(summary).toContain('✅ Reports that match their results: 1.')
  })

  it('fits into a comment of GitHub, and says how much it leaves out', async () => {
    const { project } = await repository()
    for (let at = 0; at < 60; at += 1)
      project.write(
        `experiments/e${at}.yaml`,
        `title: ${'x'.repeat(400)}\n${'bad: 1\n'.repeat(30)}`,
      )
    const { code } = await exp(project.root, 'check', '--summary', 's.md')
    expect(code).toBe(1)
    const summary = project.text('s.md')
    expect(summary.length).toBeLessThan(65_536)
    expect(summary).toMatch(/\n… \d+ more: `exp check`\n$/)
  })

  it('is required by --against', async () => {
    const { project } = await repository()
    const { code, err } = await exp(project.root, 'check', '--against', 'main')
    expect(code).toBe(2)
    expect(err).toContain('`--against` requires `--summary`')
  })
})
