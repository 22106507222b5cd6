/** A native process against a container with half a CPU, on a real Docker engine. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Ollama } from 'ollama'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ownerLabel } from '../../../src/targets/docker/create-arguments.ts'
import { hasDocker, importEngineImage } from '../../support/engine-image.ts'
import { Project, type Running } from '../../support/project.ts'
import { file, trial, writeNative } from '../../targets/native-project.ts'
import { rounds } from './measure.ts'

const minute = 60_000
const image = `exp-notebook-test-quota-${process.pid}`
const container = `  container:
    from: native
    target: {docker: {image: ${image}, cpus: 0.5, models: models}}
    options: {num_thread: 2}
`
const docker = async (...args: readonly string[]) =>
  (await promisify(execFile)('docker', [...args])).stdout.trim()
const ours = () =>
  docker('ps', '--all', '--quiet', `--filter=label=${ownerLabel}`, `--filter=ancestor=${image}`)

const project = new Project()
afterEach(() => project.remove())

describe.skipIf(!(await hasDocker()))(
  'exp run with a container and a process (skipped where no Docker engine runs)',
  () => {
    beforeAll(() => importEngineImage(image), 5 * minute)
    afterAll(() => docker('image', 'rm', '--force', image))

    it(
      'measures both, reports the settings that a client sees, and names the quota as the cause',
      async () => {
        await writeNative(project, container, { requests: 24, rounds })
        const running = project.start('run', file, '--yes')
        const seen = await outsideView(running)
        const { code, stderr } = await running.finished
        expect(code, stderr).toBe(0)
        const { facts } = trial(project, 'container', 1)
        const before = facts('before')
        const after = facts('after')
        expect(before).toMatchObject({
          containerCpus: 0.5,
          slots: 4,
          contextLength: 512,
          threads: 2,
        })
        expect(seen).toEqual({ cpus: 0.5, contextLength: before['contextLength'] })
        const grown = (fact: string) => Number(after[fact]) - Number(before[fact])
        expect(grown('containerThrottledPeriods')).toBeGreaterThan(0)
        expect(grown('containerThrottledMs')).toBeGreaterThan(0)
        expect(trial(project, 'native', 1).facts('before')).toMatchObject({ slots: 4, threads: 1 })
        expect(await ours()).toBe('')
        expect(readdirSync(join(project.stateFolder, 'exp/started'))).toEqual([])
        namesTheQuota(project.read('reports/targets/README.md'))
        const next = await project.exp('next', 'targets', 'cpu-quota')
        expect(next.code, next.stderr).toBe(0)
        expect((await project.exp('validate', 'experiments/*.yaml')).code).toBe(0)
      },
      15 * minute,
    )
  },
)

function namesTheQuota(report: string): void {
  const [, causes = '', advice = ''] =
    /## Root causes\n([^]*)## Recommendations\n([^]*)## Reliability/.exec(report) ?? []
  const found = causes.match(/^\d+\. .*$/gm) ?? []
  expect(found[0]).toMatch(
    /^1\. .*: A CPU quota throttles the container\*\* \((proven|likely), at most/,
  )
  expect(found.slice(1).join('\n')).not.toContain('(proven')
  expect(causes).toMatch(
    /container has a quota of 0\.5 CPUs for 2 inference threads; the kernel throttled container in [\d,]+ of [\d,]+ scheduling periods \([\d.]+%\), for [\d,]+ ms in total over all CPUs/,
  )
  expect(advice).toMatch(
    /1\. \*\*Raise or remove the CPU quota\*\*.*\n\n```diff\n image: .*\n-cpus: 0\.5\n\+cpus: \d+\n```/,
  )
}

/** Docker's CPU limit and the server's context while the run goes on. */
async function outsideView(running: Running) {
  const end = new AbortController()
  void running.finished.then(() => end.abort())
  while (!end.signal.aborted) {
    const [id = ''] = (await ours()).split('\n')
    const view = id === '' ? undefined : await viewOf(id).catch(() => undefined)
    if (view?.contextLength !== undefined) return view
    await sleep(200)
  }
  return undefined
}

async function viewOf(id: string) {
  const nano = await docker('container', 'inspect', '--format={{.HostConfig.NanoCpus}}', id)
  const address = await docker('port', id, '11434/tcp')
  // A container that starts or stops may accept a connection and never answer.
  const impatient: typeof fetch = (input, init) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(2_000) })
  const { models } = await new Ollama({ host: `http://${address}`, fetch: impatient }).ps()
  const loaded = z.object({ context_length: z.number() }).safeParse(models[0])
  return { cpus: Number(nano) / 1e9, contextLength: loaded.data?.context_length }
}
