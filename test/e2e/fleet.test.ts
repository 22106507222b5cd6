/** The steps of the workflow that measures on several machines, run as scripts; each host is a clone of its own. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { workflowsOf } from '../../src/setup/workflows.ts'

const workflow = z
  .object({
    env: z.record(z.string(), z.string()),
    jobs: z.record(
      z.string(),
      z.object({
        steps: z.array(
          z.object({
            run: z.string().optional(),
            env: z.record(z.string(), z.string()).default({}),
          }),
        ),
      }),
    ),
  })
  .parse(parse(workflowsOf('fleet').find(([file]) => file.includes('fleet'))?.[1] ?? ''))

const experiment = `title: Two machines
locale: en
model: tiny
dataset: {name: d, samples: [{text: one}, {text: two}]}
workload:
  prompt: "{{text}}"
  options: {num_predict: 4}
  load: {users: 1, requests: 3}
rounds: 1
configs:
  first: {target: embedded, host: box-one}
  second: {target: embedded, host: "box two; rm -rf ."}
`

let folder: string
let origin: string
const results = () => join(folder, 'artifacts')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exp-fleet-'))
  origin = join(folder, 'origin.git')
  const first = join(folder, 'first')
  mkdirSync(join(first, 'experiments'), { recursive: true })
  writeFileSync(join(first, 'experiments', 'fleet.yaml'), experiment)
  writeFileSync(join(first, '.gitignore'), 'node_modules\n')
  const git = (...args: readonly string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: first })
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-q', '-m', 'start')
  await execa('git', ['clone', '-q', '--bare', first, origin])
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  // GitHub itself cannot be had here: this keeps what a pull request would say.
  writeFileSync(join(bin, 'gh'), `#!/bin/sh\necho "$@" > "${folder}/gh"\ncat >> "${folder}/gh"\n`)
  chmodSync(join(bin, 'gh'), 0o755)
})

/** A clone with the package installed, as \`npm ci\` leaves it. */
async function cloneOf(name: string): Promise<string> {
  const clone = join(folder, name)
  await execa('git', ['clone', '-q', origin, clone])
  mkdirSync(join(clone, 'node_modules', '.bin'), { recursive: true })
  symlinkSync(resolve('dist/cli/main.js'), join(clone, 'node_modules', '.bin', 'exp'))
  return clone
}

/** Runs the scripts of a job, except the installation. */
async function runJob(job: string, cwd: string, env: Readonly<Record<string, string>> = {}) {
  for (const { run } of workflow.jobs[job]?.steps ?? []) {
    if (run === undefined || run === 'npm ci') continue
    await execa('bash', ['-eo', 'pipefail', '-c', run], {
      cwd,
      env: {
        EXPERIMENT: 'fleet',
        GITHUB_RUN_ID: '7',
        GITHUB_OUTPUT: join(folder, 'output'),
        PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
        ...env,
      },
    })
  }
}

describe('the workflow of a fleet', () => {
  it('gives scripts names and inputs as variables only', () => {
    expect(workflow.env).toEqual({ EXPERIMENT: '${{ inputs.experiment }}' })
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
    for (const { run = '' } of steps) expect(run).not.toContain('${{')
  })

  it('lists the hosts, measures on each the configs that name it, and proposes the report of all', async () => {
    await runJob('hosts', await cloneOf('listing'))
    const output = readFileSync(join(folder, 'output'), 'utf8')
    const hosts = z.array(z.string()).parse(JSON.parse(output.replace('hosts=', '')))
    expect(hosts).toEqual(['box-one', 'box two; rm -rf .'])
    for (const [index, host] of hosts.entries()) {
      const clone = await cloneOf(`host-${index}`)
      await runJob('measure', clone, { HOST: host })
      cpSync(join(clone, 'reports/fleet/results'), results(), { recursive: true })
    }
    const last = await cloneOf('last')
    cpSync(results(), join(last, 'reports/fleet/results'), { recursive: true })
    await runJob('report', last)

    const show = (file: string) =>
      execa('git', ['--git-dir', origin, 'show', `exp/fleet-7:reports/fleet/${file}`])
    expect((await show('README.md')).stdout).toContain('2/2 configs have results')
    expect(readFileSync(join(folder, 'gh'), 'utf8')).toMatch(
      /^pr create --title Measure fleet.*\n.*Two machines/,
    )
  })

  it('refuses a host that no config names', async () => {
    const clone = await cloneOf('wrong')
    await expect(runJob('measure', clone, { HOST: 'box-three' })).rejects.toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('has the host `box-three`') as unknown,
    })
  })
})
