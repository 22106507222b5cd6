/** git runs nothing that a file of a stranger's branch names. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openCommit, refuseTracked } from '../../src/files/git-files.ts'
import { loadLocalSettings } from '../../src/files/local-settings.ts'

const git = (folder: string, ...args: readonly string[]) =>
  execFileSync('git', ['-C', folder, ...args], { stdio: 'pipe' })

/** A folder of a repository that looks like a repository itself, whose configuration runs a program. */
function trap(): { readonly folder: string; readonly proof: string } {
  const top = mkdtempSync(join(tmpdir(), 'exp-git-'))
  onTestFinished(() => rmSync(top, { recursive: true }))
  git(top, 'init', '-q')
  const [folder, proof] = [join(top, 'notebook'), join(top, 'proof')]
  for (const name of ['objects', 'refs/heads']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(
    join(folder, 'config'),
    `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = "."\n\tfsmonitor = "touch ${proof}; false"\n`,
  )
  return { folder, proof }
}

describe('a folder that looks like a repository', () => {
  it('makes git run a program if git is called without precautions', () => {
    const { folder, proof } = trap()
    for (const command of ['ls-files', 'status'])
      spawnSync('git', ['-c', 'safe.bareRepository=all', command], { cwd: folder })
    expect(existsSync(proof)).toBe(true)
  })

  it('is refused where exp reads a commit or asks what git tracks', async () => {
    const { folder, proof } = trap()
    await expect(openCommit(folder, 'HEAD')).rejects.toThrow('cannot use bare repository')
    writeFileSync(join(folder, 'exp.local.yaml'), 'name: a\n')
    expect(() => loadLocalSettings(folder)).toThrow('git cannot say whether it tracks this file')
    expect(existsSync(proof)).toBe(false)
  })
})

describe('refuseTracked', () => {
  it('accepts a file that git does not track, and one outside of repositories', () => {
    const folder = mkdtempSync(join(tmpdir(), 'exp-git-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'a.yaml'), '')
    expect(() => refuseTracked(folder, 'a.yaml')).not.toThrow()
    git(folder, 'init', '-q')
    expect(() => refuseTracked(folder, 'a.yaml')).not.toThrow()
    git(folder, 'add', 'a.yaml')
    expect(() => refuseTracked(folder, 'a.yaml')).toThrow('a.yaml:1:1: git tracks this file')
  })
})
