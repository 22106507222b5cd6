/** Starts a real Ollama on another machine: here, behind a real ssh server on loopback. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Project } from '../support/project.ts'
import {
  builtOllama,
  questionsExperiment,
  realOllamaTimeoutMs,
  useOllama,
} from '../support/real-ollama.ts'
import { hasRemoteEngine, remoteEnvironment } from '../support/remote-engine.ts'
import { installRemoteOllama, processesOf } from '../support/remote-ollama.ts'
import { decodeRecords } from './records.ts'

const version = '0.11.3'
const program = await builtOllama(version)
const canRun = program !== undefined && (await hasRemoteEngine())

describe.skipIf(!canRun)('a real Ollama on another machine', () => {
  const project = new Project()
  let models = ''
  beforeAll(async () => {
    for (const [name, value] of Object.entries(await remoteEnvironment())) vi.stubEnv(name, value)
    await installRemoteOllama(program ?? '')
    models = await useOllama(project, program ?? '', version)
  }, realOllamaTimeoutMs)
  afterAll(() => {
    project.remove()
    vi.unstubAllEnvs()
  })

  const local = `{process: {version: "${version}"}}`
  const remote = () => `{process: {ssh: exp-box, version: "${version}", models: ${models}}}`

  it(
    'is measured beside one on this machine, and the report says where the load generator ran',
    async () => {
      const configs = `  here: {target: ${local}}\n  box: {target: ${remote()}}\nbaseline: here\n`
      project.write('experiments/two.yaml', experiment(configs, 8))
      const run = await project.exp('run', 'experiments/two.yaml', '--yes')
      expect(run.code, run.stderr).toBe(0)
      expect(run.stderr).toMatch(/box +process \(Ollama \S+\) on exp-box through ssh/)
      const factsOf = decodeRecords(project, 'two')
      expect(factsOf('box')).toMatchObject({
        serverVersion: version,
        loadCount: 0,
        threads: 1,
        cpuModel: factsOf('here')['cpuModel'],
        physicalCores: factsOf('here')['physicalCores'],
        roundTripMs: expect.any(Number) as number,
      })
      expect(factsOf('here')).not.toHaveProperty('roundTripMs')
      const report = project.read('reports/two/README.md')
      expect(report).toMatch(
        /\*\*Load generator\*\*: not on the machine of the server\. box ran on exp-box, and requests went there through a connection of ssh; the round trip of the network took [\d.]+ to [\d.]+ ms/,
      )
      expect(await processesOf(models)).toEqual([])
      expect((await project.exp('check')).code).toBe(0)
    },
    realOllamaTimeoutMs,
  )

  it(
    'is measured from here by --host, and stored with both machines',
    async () => {
      const configs = `  box: {host: box, target: ${remote()}}\n  mac: {host: mac, target: process}\n`
      project.write('experiments/host.yaml', experiment(configs, 4))
      const run = await project.exp('run', 'experiments/host.yaml', '--host', 'box', '--yes')
      expect(run.code, run.stderr).toBe(0)
      const [file = '', ...others] = project.list('reports/host/results')
      expect(others).toEqual([])
      const [header = ''] = project.read(`reports/host/results/${file}`).split('\n')
      expect(JSON.parse(header)).toMatchObject({
        config: 'box',
        host: { id: expect.any(String) as string },
        serverHost: { name: 'exp-box', via: 'ssh' },
      })
      expect(JSON.parse(header)).not.toHaveProperty('host.name')
      expect(project.read('reports/host/README.md')).toContain('box ran on exp-box')
    },
    realOllamaTimeoutMs,
  )

  it(
    'is ended there if exp is killed',
    async () => {
      project.write('experiments/killed.yaml', experiment(`  box: {target: ${remote()}}\n`, 400))
      const running = project.start('run', 'experiments/killed.yaml', '--yes')
      const requests = () =>
        project
          .list('reports/killed/results')
          .map((name) => project.read(`reports/killed/results/${name}`))
          .join('')
          .split('"type":"request"').length - 1
      await expect.poll(requests, { timeout: realOllamaTimeoutMs }).toBeGreaterThan(3)
      expect(await processesOf(models)).toHaveLength(2)
      running.child.kill('SIGKILL')
      await running.finished
      await expect.poll(() => processesOf(models)).toEqual([])
    },
    realOllamaTimeoutMs,
  )
})

const experiment = (configs: string, requests: number) =>
  questionsExperiment('Remote', requests, configs)
