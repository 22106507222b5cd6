/** `experiments/docker-opt.yaml`, unchanged, on a real Ollama as a process and in containers; one round. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hasDocker, importOllamaImage } from '../support/engine-image.ts'
import { Project } from '../support/project.ts'
import { builtOllama, modelStore } from '../support/real-ollama.ts'
import { decodeRecords } from './records.ts'

const run = promisify(execFile)
const version = '0.11.3'
const image = `ollama/ollama:${version}`
const volume = 'exp-notebook-models'
const program = await builtOllama(version)
// It replaces the image and the volume of these names, which belong to the user of any machine but CI's.
const canRun = process.env['CI'] === 'true' && program !== undefined && (await hasDocker())
const timeoutMs = 1_200_000
const files = ['docker-opt.yaml', 'datasets/manga_comment_ad_detection.yaml']

describe.skipIf(!canRun)('the main experiment on a real Ollama', () => {
  const project = new Project()
  beforeAll(async () => {
    const models = await modelStore(program ?? '', 'qwen3:0.6b')
    await importOllamaImage(program ?? '', image)
    await fillVolume(models)
    for (const file of files)
      project.write(`experiments/${file}`, readFileSync(`experiments/${file}`, 'utf8'))
    project.write('exp.local.yaml', `ollama: {models: ${models}}\n`)
    vi.stubEnv('PATH', [dirname(program ?? ''), process.env['PATH']].join(delimiter))
  }, timeoutMs)
  afterAll(async () => {
    vi.unstubAllEnvs()
    project.remove()
    await run('docker', ['volume', 'rm', '--force', volume])
    await run('docker', ['rmi', '--force', image])
  })

  it(
    'measures each config on its own target, with the slots that it requests',
    async () => {
      const args = ['run', 'experiments/docker-opt.yaml', '--rounds', '1', '--yes']
      const { code, stderr } = await project.exp(...args)
      expect(code, stderr).toBe(0)
      const facts = decodeRecords(project, 'docker-opt')
      const common = { serverVersion: version, contextLength: 4096, threads: 1, loadCount: 0 }
      expect(facts('native-default')).toMatchObject({ ...common, slots: 1 })
      expect(facts('native-optimized')).toMatchObject({ ...common, slots: 4 })
      expect(facts('docker-initial')).toMatchObject({ ...common, slots: 1 })
      expect(facts('docker-optimized')).toMatchObject({ ...common, slots: 2 })
      expect(facts('docker-optimized')['containerArchitecture']).toBeDefined()
      expect(facts('native-optimized')['containerArchitecture']).toBeUndefined()
      expect(project.read('reports/docker-opt/README.en.md')).not.toContain('[!WARNING]')
      const check = await project.exp('check')
      expect(check.code, check.stdout).toBe(0)
    },
    timeoutMs,
  )
})

/** Copies a model store into the volume from which containers read their models. */
async function fillVolume(models: string): Promise<void> {
  const mount = `--mount=type=volume,source=${volume},target=/models`
  const { stdout } = await run('docker', ['create', mount, image])
  const container = stdout.trim()
  try {
    await run('docker', ['cp', `${models}/.`, `${container}:/models`])
  } finally {
    await run('docker', ['rm', '--force', container])
  }
}
