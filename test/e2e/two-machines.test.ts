/** Two clones of one repository act as two machines: each measures its own configs, and git merges the results. */
import { execa } from 'execa'
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { smallExperiment } from '../support/project.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'exp-machines-'))
  folders.push(made)
  return made
}

const program = resolve('dist/cli/main.js')
const git = async (cwd: string, ...args: readonly string[]) =>
  execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    cwd,
    reject: false,
  })
const exp = async (cwd: string, ...args: readonly string[]) =>
  execa(process.execPath, [program, ...args], {
    cwd,
    env: { XDG_STATE_HOME: join(cwd, '.git/state') },
    reject: false,
  })

const experiment = smallExperiment({ requests: 9 })
  .replace('    target: embedded\n', '    target: embedded\n    host: mac\n')
  .replace('    from: one-slot\n', '    from: one-slot\n    host: linux-box\n')

describe('two machines', () => {
  it('measure their own configs, and share one report after a merge in git', async () => {
    const origin = folder()
    await git(origin, 'init', '--bare', '--initial-branch=main')
    const machines = await Promise.all(
      ['mac', 'linux-box'].map(async (name) => {
        const clone = folder()
        await git(clone, 'clone', origin, '.')
        await git(clone, 'checkout', '-b', 'main')
        writeFileSync(join(clone, 'exp.local.yaml'), `name: ${name}\n`)
        writeFileSync(join(clone, '.git/info/exclude'), 'exp.local.yaml\n')
        return clone
      }),
    )
    const [mac = '', linux = ''] = machines
    await execa('mkdir', ['experiments'], { cwd: mac })
    writeFileSync(join(mac, 'experiments/slots.yaml'), experiment)
    await git(mac, 'add', '.')
    await git(mac, 'commit', '-m', 'the experiment')
    await git(mac, 'push', 'origin', 'main')
    await git(linux, 'pull', 'origin', 'main')

    for (const clone of machines) {
      const run = await exp(clone, 'run', 'experiments/slots.yaml')
      expect(run.exitCode, run.stderr).toBe(0)
      expect(run.stderr).toContain('stays pending here')
      expect(run.stdout).toContain('v1.0, in progress')
      await git(clone, 'add', '.')
      await git(clone, 'commit', '-m', 'measured')
    }
    await git(mac, 'push', 'origin', 'main')
    await git(linux, 'pull', '--no-rebase', '--no-edit', 'origin', 'main')
    // The documented way to merge: take README.md, lock and index from one side, then render.
    await git(linux, 'checkout', '--ours', 'reports')
    const merged = await exp(linux, 'report', 'slots')
    expect(merged.exitCode, merged.stderr).toBe(0)
    expect(merged.stdout).toContain('v1.0')
    expect((await exp(linux, 'check')).exitCode).toBe(0)
    const report = readFileSync(join(linux, 'reports/slots/README.md'), 'utf8')
    expect(report).not.toContain('🔄')
    expect(report).toMatch(/not paired|unpaired|different runs/i)
  }, 600_000)
})
