/** The steps of `action.yml`, run as scripts on git repositories, as GitHub runs them. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { Project } from '../notebook/project.ts'

const step = z.object({
  id: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
})
const action = z
  .object({ runs: z.object({ using: z.literal('composite'), steps: z.array(step) }) })
  .parse(parse(readFileSync('action.yml', 'utf8')))
const scripts = action.runs.steps.flatMap((one) => (one.run === undefined ? [] : [one]))

/**
 * Runs the scripts on a clone of the repository that has only the newest commit, as `actions/checkout` makes it.
 * @param directory the input `working-directory`
 */
async function runAction(origin: string, base = 'main', directory = '.') {
  const folder = mkdtempSync(join(tmpdir(), 'exp-action-'))
  const clone = join(folder, 'clone')
  await execa('git', ['clone', '-q', '--depth=1', '--single-branch', `file://${origin}`, clone])
  const values: Record<string, string> = {
    'github.action_path': resolve('.'),
    'github.base_ref': base,
    'github.event.number': '7',
    'inputs.gate': 'true',
    'runner.temp': folder,
  }
  const [summary, output] = [join(folder, 'summary.md'), join(folder, 'output')]
  const log: string[] = []
  for (const { run = '', env } of scripts) {
    const filled = Object.entries(env).map(([name, text]) => [name, fill(text, values)] as const)
    const { stdout, exitCode } = await execa('bash', ['-eo', 'pipefail', '-c', run], {
      cwd: join(clone, directory),
      reject: false,
      env: {
        ...Object.fromEntries(filled),
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_OUTPUT: output,
        GITHUB_WORKSPACE: clone,
      },
    })
    log.push(stdout)
    if (run.includes('GITHUB_OUTPUT'))
      for (const line of readFileSync(output, 'utf8').trim().split('\n'))
        values[`steps.check.outputs.${line.split('=')[0] ?? ''}`] = line.split('=')[1] ?? ''
    if (exitCode !== 0) return { exitCode, log: log.join('\n'), ...results() }
  }
  return { exitCode: 0, log: log.join('\n'), ...results() }

  function results() {
    const read = (file: string) =>
      existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : ''
    return {
      summary: read('summary.md'),
      comment: read('exp-comment/comment.md'),
      number: read('exp-comment/number'),
      files: readdirSync(clone),
    }
  }
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ *([\w.]+) *\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`action.yml uses \`${name}\`, which this test lacks`)
    return value
  })
}

interface PullRequest {
  readonly base?: string
  /** False for a notebook without reports. */
  readonly measured?: boolean
  readonly change?: (project: Project) => Promise<void> | void
}

/** A project under git, on a branch that is based on `base`. */
async function pullRequest({ base = 'main', measured = true, change }: PullRequest = {}) {
  const project = new Project()
  const git = (...args: readonly string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: project.root })
  const commit = async (message: string) => {
    await git('add', '.')
    await git('commit', '-q', '--allow-empty', '-m', message)
  }
  await git('init', '-q', '-b', base)
  if (measured) await measure(project, '2025-08-06', 300)
  await commit('base')
  await git('checkout', '-q', '-b', 'change')
  await change?.(project)
  await commit('change')
  return project.root
}

/** Stores a run and publishes its report. */
async function measure(project: Project, day: string, fourSlots: number) {
  const latency = { 'slots-1': 400, 'slots-4': fourSlots }
  await project.measure({ run: `${day}-a`, latency, day })
  await project.publish()
}

describe('the action', () => {
  it('passes values to its scripts as environment variables only', () => {
    expect(scripts.length).toBeGreaterThan(2)
    for (const { run, shell } of scripts) {
      expect(run).not.toContain('${{')
      expect(shell).toBe('bash')
    }
  })

  it('fails on a stale report, and marks its line', async () => {
    const change = (project: Project) =>
      project.edit('experiments/slots.yaml', 'title: 两个设置', 'title: Slots')
    const { exitCode, log, summary, comment, number } = await runAction(
      await pullRequest({ change }),
    )
    expect(exitCode).toBe(1)
    expect(log).toMatch(/^::error file=reports\/slots\/README\.md,line=1,title=exp check::/m)
    expect(summary).toContain('reports/slots/README.md does not match the results')
    expect(comment).toBe(summary)
    expect(number).toBe('7\n')
  })

  it('fails on a gate that the new results refute, and shows what changed against the base', async () => {
    const change = async (project: Project) => {
      project.edit('experiments/slots.yaml', '  - id: H1', '  - id: H1\n    gate: true')
      await measure(project, '2025-08-07', 500)
    }
    const { exitCode, log, summary } = await runAction(await pullRequest({ change }))
    expect(exitCode).toBe(1)
    expect(log).toMatch(
      /^::error file=experiments\/slots\.yaml,line=\d+,title=exp check --gate::gate: H1/m,
    )
    expect(summary).toContain('## slots: v1.0 (origin/main) → ')
  })

  it('passes if nothing is wrong', async () => {
    const { exitCode, summary } = await runAction(await pullRequest())
    expect(exitCode).toBe(0)
    expect(summary).toContain('No figure, verdict or definition differs from origin/main')
  })

  it('passes with a warning if there is no report yet', async () => {
    const { exitCode, log } = await runAction(await pullRequest({ measured: false }))
    expect(exitCode).toBe(0)
    expect(log).toContain('::warning title=exp check::there is no report yet')
  })

  it('runs no program that a folder of the branch names as if it were a repository', async () => {
    const proof = join(mkdtempSync(join(tmpdir(), 'exp-proof-')), 'proof')
    const program = `touch ${proof}; false`
    const change = (project: Project) => {
      // The folder of the notebook is what `working-directory` names.
      for (const folder of ['experiments', 'reports'])
        cpSync(join(project.root, folder), join(project.root, 'notebook', folder), {
          recursive: true,
        })
      project.write('notebook/HEAD', 'ref: refs/heads/main\n')
      project.write('notebook/objects/keep', '')
      project.write('notebook/refs/heads/keep', '')
      project.write(
        'notebook/config',
        `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = "."\n\tfsmonitor = "${program}"\n\tsshCommand = "${program}"\n\tgitProxy = "${program}"\n[remote "origin"]\n\turl = "ext::sh -c '${program}'"\n\tuploadpack = "${program}"\n[protocol]\n\tallow = always\n`,
      )
    }
    const origin = await pullRequest({ change })
    const { exitCode } = await runAction(origin, 'main', 'notebook')
    expect(exitCode).not.toBe(0)
    expect(existsSync(proof)).toBe(false)
    // The folder is a trap: without the precautions of the action, git runs the program.
    const folder = join(origin, 'notebook')
    await execa('git', ['-c', 'safe.bareRepository=all', 'fetch', '-q', 'origin'], {
      cwd: folder,
      reject: false,
    })
    expect(existsSync(proof)).toBe(true)
  })

  it('runs no part of the name of a branch as a command', async () => {
    const base = 'main"$(touch${IFS}stolen)"'
    const { exitCode, summary, files } = await runAction(await pullRequest({ base }), base)
    expect(exitCode).toBe(0)
    expect(summary).toContain('differs from origin/main"')
    expect(files).not.toContain('stolen')
  })
})
