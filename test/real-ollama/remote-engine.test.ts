/** A real Ollama on a second real Docker engine, which a Docker context names and which is behind a real ssh server. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ownerLabel } from '../../src/targets/docker/create-arguments.ts'
import { hasDocker, importOllamaImage } from '../support/engine-image.ts'
import { Project } from '../support/project.ts'
import { builtOllama, modelStore, questionsExperiment } from '../support/real-ollama.ts'
import {
  hasRemoteEngine,
  onRemoteEngine,
  remoteEngine,
  remoteEnvironment,
} from '../support/remote-engine.ts'
import { decodeRecords } from './records.ts'

const version = '0.11.3'
const program = await builtOllama(version)
const canRun = program !== undefined && (await hasDocker()) && (await hasRemoteEngine())
const image = `exp-notebook-real-remote-${process.pid}`
const timeoutMs = 600_000

describe.skipIf(!canRun)('a real Ollama on another engine', () => {
  const project = new Project()
  let models = ''
  beforeAll(async () => {
    for (const [name, value] of Object.entries(await remoteEnvironment())) vi.stubEnv(name, value)
    models = await modelStore(program ?? '')
    await importOllamaImage(program ?? '', image)
    await importOllamaImage(program ?? '', image, remoteEngine)
  }, timeoutMs)
  afterAll(async () => {
    project.remove()
    await promisify(execFile)('docker', ['rmi', '--force', image])
    await onRemoteEngine('rmi', '--force', image)
    vi.unstubAllEnvs()
  }, timeoutMs)

  const containers = () => onRemoteEngine('ps', '--all', '--quiet', `--filter=label=${ownerLabel}`)

  it(
    'is measured beside one on this machine, and the report says where the load generator ran',
    async () => {
      project.write('experiments/remote.yaml', experiment(image, models, 8))
      const run = await project.exp('run', 'experiments/remote.yaml', '--yes')
      expect(run.code, run.stderr).toBe(0)
      expect(run.stderr).toMatch(/box +docker \(\S+\) on box through ssh/)
      const factsOf = decodeRecords(project, 'remote')
      expect(factsOf('box')).toMatchObject({
        serverVersion: version,
        loadCount: 0,
        cpuModel: expect.any(String) as string,
        roundTripMs: expect.any(Number) as number,
      })
      expect(factsOf('box')).not.toHaveProperty('physicalCores')
      expect(factsOf('here')).not.toHaveProperty('roundTripMs')
      const report = project.read('reports/remote/README.md')
      expect(report).toMatch(
        /\*\*Load generator\*\*: not on the machine of the server\. box ran on box, and requests went there through a connection of ssh; the round trip of the network took [\d.]+ to [\d.]+ ms/,
      )
      expect(report).toContain('docker --context box compose up -d')
      expect(await containers()).toBe('')
      expect((await project.exp('check')).code).toBe(0)
    },
    timeoutMs,
  )

  it(
    'loses its connection in mid-run: that trial failed, and the others are kept',
    async () => {
      project.write('experiments/lost.yaml', experiment(image, models, 40))
      const running = project.start('run', 'experiments/lost.yaml', '--yes')
      await expect.poll(() => requestsOf('box'), { timeout: timeoutMs }).toBeGreaterThan(3)
      for (const pid of await tunnelsOf(running.child.pid ?? 0)) process.kill(pid, 'SIGKILL')
      const { code, stderr } = await running.finished
      expect(code, stderr).not.toBe(0)
      const [box, here] = [resultOf('box'), resultOf('here')]
      expect(box).toContain('"outcome":"failed"')
      expect(box).toContain('the connection to the Docker context `box` was lost')
      expect(here).toContain('"outcome":"ended"')
      expect(project.read('reports/lost/README.md')).toContain('was lost')
      expect(await containers()).toBe('')
    },
    timeoutMs,
  )

  function resultOf(config: string): string {
    const folder = 'reports/lost/results'
    const names = project.list(folder).filter((name) => name.includes(`-${config}-`))
    return names.map((name) => project.read(`${folder}/${name}`)).join('')
  }

  const requestsOf = (config: string) => resultOf(config).split('"type":"request"').length - 1
})

/** The pids of the `ssh` that this `exp` started to forward a port. */
async function tunnelsOf(parent: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args='])
  return stdout.split('\n').flatMap((line) => {
    const [pid = 0, of] = line.trim().split(/\s+/).map(Number)
    return of === parent && line.includes(' -L 127.0.0.1:') ? [pid] : []
  })
}

const experiment = (name: string, store: string, requests: number) =>
  questionsExperiment(
    'Remote',
    requests,
    `  here: {target: {docker: {image: ${name}, models: ${store}}}}
  box: {target: {docker: {image: ${name}, models: ${store}, context: box}}}
baseline: here
`,
  )
