/** The commands that read the notebook, with figures from a document, so that nothing needs to be measured. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'

const experiment = (after: number) => `title: '旧文档 | 的 # 数字'
question: 快了多少？
locale: [zh-CN, en]
configs:
  before:
    label: 优化前
    recorded: {source: old.md, date: 2025-08-06, metrics: {qps: 6.53/s, latencyMean: 397.75ms}}
  after:
    from: before
    label: 优化后
    recorded: {source: old.md, date: 2025-08-07, metrics: {qps: ${after}/s, latencyMean: 332.97ms}}
baseline: before
hypotheses:
  - {id: H1, statement: 吞吐提升至少 5%, gate: true, claim: {metric: qps, config: after, change: ">= 5%"}}
`

function project(): string {
  const root = mkdtempSync(join(tmpdir(), 'exp-notebook-'))
  mkdirSync(join(root, 'experiments'))
  writeFileSync(join(root, 'experiments/old.yaml'), experiment(7.07))
  return root
}

async function exp(root: string, ...args: readonly string[]) {
  const io = memoryIo(root)
  return { code: await runCommandLine(args, io), out: io.out(), err: io.err() }
}

describe('exp report and exp check', () => {
  it('write a report that passes the check, and write nothing the second time', async () => {
    const root = project()
    const first = await exp(root, 'report', 'old')
    expect(first.code, first.err).toBe(0)
    expect(first.out).toContain('new: reports/old/README.md')
    const file = join(root, 'reports/old/README.md')
    expect(readFileSync(file, 'utf8')).toContain('+8.3%')
    const before = statSync(file).mtimeMs
    expect((await exp(root, 'report', '--all')).out).toContain('nothing changed')
    expect(statSync(file).mtimeMs).toBe(before)
    expect(await exp(root, 'check')).toMatchObject({
      code: 0,
      out: '✓ 1 report matches its results\n',
    })
  })

  it('find one changed word, name the command that fixes it, and exit 1', async () => {
    const root = project()
    await exp(root, 'report', 'old')
    const file = join(root, 'reports/old/README.md')
    writeFileSync(file, readFileSync(file, 'utf8').replace('+8.3%', '+9.3%'))
    const checked = await exp(root, 'check')
    expect(checked.code).toBe(1)
    expect(checked.out).toContain('--discard-edits')
    const refused = await exp(root, 'report', 'old')
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('README.md')
    expect((await exp(root, 'report', 'old', '--discard-edits')).code).toBe(0)
    expect((await exp(root, 'check')).code).toBe(0)
  })

  it('refuse an unknown id with a suggestion, and --templates without --stdout', async () => {
    const root = project()
    const unknown = await exp(root, 'report', 'olt')
    expect(unknown.code).toBe(2)
    expect(unknown.err).toContain('`old`')
    expect((await exp(root, 'report', 'old', '--templates', 'x')).code).toBe(2)
  })

  it('fail a gate for recorded figures, because they were not tested', async () => {
    const root = project()
    await exp(root, 'report', 'old')
    const gated = await exp(root, 'check', '--gate')
    expect(gated.code).toBe(1)
    expect(gated.err).toContain('gate: H1')
  })
})

describe('exp list, show and diff', () => {
  it('fail `--gate` if no hypothesis is gated', async () => {
    const root = project()
    writeFileSync(
      join(root, 'experiments/old.yaml'),
      experiment(7.07).replace('gate: true', 'gate: false'),
    )
    await exp(root, 'report', 'old')
    const check = await exp(root, 'check', '--gate')
    expect(check).toMatchObject({ code: 1, out: '' })
    expect(check.err).toContain('no hypothesis is gated, so `--gate` has nothing to check')
  })

  it('print the notebook as text and as JSON', async () => {
    const root = project()
    writeFileSync(join(root, 'experiments/broken.yaml'), 'title: [')
    const planned = (await exp(root, '--lang', 'zh-CN', 'list')).out.split('\n')
    expect(planned[0]).toMatch(/^old +🔄 还没有报告$/)
    expect(planned.join('\n')).not.toContain('broken')
    rmSync(join(root, 'experiments/broken.yaml'))
    await exp(root, 'report', 'old')
    const listed = await exp(root, 'list')
    expect(listed.out).toMatch(/^old {2}v1\.0 {2}2025-08-07 {2}/)
    expect(listed.out).toContain('旧文档 | 的 # 数字')
    const shown = await exp(root, 'show', 'old')
    expect(shown.out).toContain('快了多少？')
    expect(shown.out).toContain('reports/old/README.en.md')
    expect(JSON.parse((await exp(root, 'list', '--json')).out)).toHaveLength(1)
    expect(JSON.parse((await exp(root, 'show', 'old', '--json')).out)).toMatchObject({
      version: 'v1.0',
    })
  })

  it('list experiments below those that they follow from', async () => {
    const root = project()
    const follow = (id: string, before: string, cause: string) => {
      const from = `follows: {experiment: ${before}, version: v1.0, cause: ${cause}}`
      writeFileSync(join(root, `experiments/${id}.yaml`), `${experiment(7.5)}${from}\n`)
    }
    follow('a-second', 'old', 'slots')
    follow('a-third', 'a-second', 'cold-start')
    follow('stray', 'gone', 'threads')
    const ids = ['old', 'a-second', 'a-third', 'stray']
    expect((await exp(root, 'report', ...ids)).code).toBe(0)
    follow('b-planned', 'old', 'reload')
    const lines = (await exp(root, '--lang', 'zh-CN', 'list')).out.split('\n')
    expect(lines.filter((line) => /v1\.0|没有报告/.test(line))).toEqual([
      expect.stringMatching(/^old +v1\.0 {2}2025-08-07 {2}✅ 完成 2\/2 +H1 🔎/),
      expect.stringMatching(/^└ a-second +v1\.0/),
      '    ← old v1.0: slots',
      expect.stringMatching(/^ {2}└ a-third +v1\.0/),
      '      ← a-second v1.0: cold-start',
      expect.stringMatching(/^└ b-planned +🔄 还没有报告$/),
      '    ← old v1.0: reload',
      expect.stringMatching(/^stray +v1\.0/),
      '  ← gone v1.0: threads',
    ])
    const listedJson: unknown = JSON.parse((await exp(root, 'list', '--json')).out)
    expect(listedJson).toContainEqual(
      expect.objectContaining({
        id: 'a-second',
        follows: { experiment: 'old', version: 'v1.0', cause: 'slots' },
      }),
    )
    expect((await exp(root, 'show', 'a-third')).out).toContain('← a-second v1.0: cold-start')
    const index = readFileSync(join(root, 'reports/README.md'), 'utf8')
    expect(index).toContain('| [old v1.0: slots](old/README.md) |')
    expect(index).toContain('| gone v1.0: threads |')
    expect((await exp(root, 'check')).code).toBe(0)
  })

  it('print the differences between two versions', async () => {
    const root = project()
    await exp(root, 'report', 'old')
    expect((await exp(root, 'diff', 'old')).code).toBe(2)
    writeFileSync(join(root, 'experiments/old.yaml'), experiment(7.5))
    expect((await exp(root, 'report', 'old')).out).toContain('v2.0')
    const difference = await exp(root, 'diff', 'old')
    expect(difference.out).toContain('v1.0 → v2.0')
    expect(difference.out).toContain('7.5')
    expect((await exp(root, 'diff', 'old', '--format', 'md')).out).toContain('| - |')
    expect(JSON.parse((await exp(root, 'diff', 'old', 'v1.0', 'v2.0', '--json')).out)).toBeTypeOf(
      'object',
    )
  })
})

describe('a file that cannot be used', () => {
  it.each([
    [
      'a directory in place of a report',
      (root: string) => mkdirSync(join(root, 'reports/old/README.md'), { recursive: true }),
    ],
    [
      'a broken link',
      (root: string) => {
        mkdirSync(join(root, 'reports'))
        symlinkSync('/nonexistent', join(root, 'reports/dangling'))
      },
    ],
  ])('is an error with a hint, not an internal error: %s', async (_, make) => {
    const root = project()
    make(root)
    const report = await exp(root, 'report', '--all')
    expect(report).toMatchObject({ code: 2, out: '' })
    expect(report.err).toMatch(/^error: .*(cannot be read: .*|no report yet)\nhint: /)
  })
})

describe('exp drop', () => {
  it('refuses an unknown run and an empty reason', async () => {
    const root = project()
    const dropped = await exp(root, 'drop', 'old', '20250808T142103Z-3f9a', '--why', 'battery')
    expect(dropped.code).toBe(2)
    expect(dropped.err).toContain('has no run')
    const unexplained = await exp(root, 'drop', 'old', '20250808T142103Z-3f9a', '--why', ' ')
    expect(unexplained).toMatchObject({ code: 2 })
    expect(unexplained.err).toContain('reason is empty')
  })
})
