/** What a reviewer of a pull request sees: the diff without the files that GitHub folds because they are generated. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { openNotebook } from '../../src/notebook/notebook.ts'
import { dockerOptFile, dockerOptProject } from '../support/docker-opt.ts'
import { fourServers } from '../report/support/golden-runs.ts'
import { writeRun } from '../report/support/simulated-run.ts'

const id = 'docker-opt'

/** A repository with the experiment docker-opt, measured once and committed. */
async function repository() {
  const { root, edit } = dockerOptProject()
  const git = async (...args: readonly string[]): Promise<string> => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b']
    return (await execa('git', [...identity, ...args], { cwd: root })).stdout
  }
  const publishRun = async (run: string, seed: number): Promise<void> => {
    const notebook = openNotebook({ root })
    const experiment = notebook.experiment(id)
    writeRun(experiment, path.join(root, 'reports', id), { run, seed, servers: fourServers })
    await notebook.publish(experiment)
    await git('add', '.')
    await git('commit', '-q', '-m', run)
  }
  await git('init', '-q', '-b', 'main')
  await publishRun('20250808T062103Z-3f9a', 7)
  return { root, git, publishRun, edit }
}

type Repository = Awaited<ReturnType<typeof repository>>

/** The lines that the last commit adds, by file, without the files that GitHub folds. */
async function shownAdditions({ git }: Repository): Promise<Readonly<Record<string, number>>> {
  const changed = (await git('diff', '--numstat', '--no-renames', 'HEAD~1')).split('\n')
  const shown: Record<string, number> = {}
  for (const line of changed) {
    const [added = '', , name = ''] = line.split('\t')
    const attribute = await git('check-attr', 'linguist-generated', '--', name)
    if (!attribute.endsWith(': set')) shown[name] = Number(added)
  }
  return shown
}

/** A line of a report without its figures, dates and marks, and without the small rest that closes a sum of causes. */
function withoutFigures(line: string): string {
  return line
    .slice(1)
    .replace(/[+-]?\d[\d,.:]*/g, '#')
    .replace(/ … |-(?=#)/g, '')
    .replace(/[，,] ?(?:其他|other|回答更[长短]|(?:longer|shorter) answers) # ms/gu, '')
    .replace(/⬆️|⬇️|≈|❔/gu, '*')
}

describe('the pull request of a re-run', { timeout: 120_000 }, () => {
  it('shows changed figures of the report, one new row of its history, and nothing else', async () => {
    const project = await repository()
    expect(await project.git('ls-files', `reports/${id}/v1.0.md`)).toBe('')
    await project.publishRun('20250809T062103Z-77b1', 8)
    // Results, locks and the frozen version, which is written now, are folded.
    expect(await project.git('ls-files', `reports/${id}/v1.0.md`)).not.toBe('')
    expect(Object.keys(await shownAdditions(project)).toSorted()).toEqual([
      'reports/README.md',
      `reports/${id}/README.en.md`,
      `reports/${id}/README.md`,
    ])
    for (const readme of ['README.md', 'README.en.md']) {
      const diff = await project.git('diff', '-U0', 'HEAD~1', '--', `reports/${id}/${readme}`)
      const lines = diff.split('\n').filter((line) => /^[+-](?!\+\+ |-- )/.test(line))
      const [added, removed] = ['+', '-'].map((sign) =>
        lines.filter((line) => line.startsWith(sign)).map(withoutFigures),
      )
      const isHistory = (line: string) => /^\| \[?v#/.test(line)
      expect(added?.filter((line) => !isHistory(line))).toEqual(
        removed?.filter((line) => !isHistory(line)),
      )
      expect(added?.filter(isHistory)).toHaveLength(2)
      expect(removed?.filter(isHistory)).toHaveLength(1)
    }
  })
})

describe('the pull request of one changed line', { timeout: 120_000 }, () => {
  it('shows that line and what changes in the reports; its lock has less than 60 lines', async () => {
    const project = await repository()
    project.edit('OLLAMA_MAX_QUEUE: 8 ', 'OLLAMA_MAX_QUEUE: 16 ')
    await project.publishRun('20250809T062103Z-77b1', 8)
    const shown = await shownAdditions(project)
    expect(shown[dockerOptFile]).toBe(1)
    expect(Object.values(shown).reduce((sum, lines) => sum + lines, 0)).toBeLessThan(200)
    const lock = readFileSync(path.join(project.root, 'reports', id, 'v2.0.lock.json'), 'utf8')
    expect(lock.split('\n').length).toBeLessThan(60)
    expect(lock.match(/\.jsonl": "sha256:[0-9a-f]{64}"/g)).toHaveLength(24)
  })
})
