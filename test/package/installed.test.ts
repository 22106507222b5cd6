/**
 * Packs the package and installs it into an empty folder, as somebody does who has never seen this repository. Needs
 * the built program (`npm run compile`) and a package registry.
 */
import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallExperiment } from '../support/project.ts'
import { answers, ScriptedOllama } from '../support/scripted-ollama.ts'

const minute = 60_000
const megabyte = 1e6
const repository = resolve('.')
const golden = resolve('test/golden/rounds')

const folder = mkdtempSync(join(tmpdir(), 'exp-installed-'))
const env = {
  ...withoutNpm(process.env),
  XDG_CACHE_HOME: join(folder, 'cache'),
  XDG_STATE_HOME: join(folder, 'state'),
}
const project = join(folder, 'project')
const main = join(project, 'node_modules/exp-notebook/dist/cli/main.js')

/** `npm test` sets variables that would make the npm of this test work in the repository. */
function withoutNpm(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => !/^npm_(?!config_registry)/i.test(name)),
  )
}

async function run(cwd: string, file: string, ...args: readonly string[]) {
  const limits = { cwd, env, timeout: 5 * minute, maxBuffer: 64 * megabyte }
  const { stdout, stderr } = await promisify(execFile)(file, [...args], limits)
  return { stdout, stderr }
}

/** The size of all files below a folder, in bytes. */
function sizeOf(place: string): number {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

let server: ScriptedOllama
let installed: { readonly stdout: string; readonly stderr: string }

beforeAll(async () => {
  server = await ScriptedOllama.start({
    generate: ({ path }) =>
      path === '/api/generate'
        ? answers({ api: 'generate', content: [] }) // loads or unloads the model
        : answers({ waitMs: 2 }),
  })
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), '{"name": "somebody", "private": true}')
  const packed = await run(
    repository,
    'npm',
    'pack',
    '--ignore-scripts',
    `--pack-destination=${folder}`,
  )
  installed = await run(project, 'npm', 'install', join(folder, packed.stdout.trim()))
}, 5 * minute)

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** A version of Node from the registry: its program. */
async function nodeOf(major: number): Promise<string> {
  const where = 'process.stdout.write(process.execPath)'
  const { stdout } = await run(
    folder,
    'npx',
    '--yes',
    `--package=node@${major}`,
    'node',
    '-e',
    where,
  )
  return stdout
}

describe('the package in an empty folder', () => {
  it('is small, compiles nothing, has no install script and no warning', () => {
    expect(sizeOf(join(project, 'node_modules')) / megabyte).toBeLessThan(60)
    expect(installed.stderr).toBe('')
    expect(readdirSync(join(project, 'node_modules'))).not.toContain('node-llama-cpp')
  })

  it('has the commands `exp` and `exp-notebook`, the schema, an example, and no source map without its source', () => {
    expect(readdirSync(join(project, 'node_modules/.bin'))).toEqual(
      expect.arrayContaining(['exp', 'exp-notebook']),
    )
    const files = readdirSync(join(project, 'node_modules/exp-notebook'), { recursive: true })
    expect(files).toEqual(
      expect.arrayContaining([
        'experiments/experiment.schema.json',
        'experiments/docker-opt.yaml',
        'experiments/datasets/manga_comment_ad_detection.yaml',
        'dist/library/index.d.ts',
      ]),
    )
    expect(files.filter((file) => String(file).endsWith('.map'))).toEqual([])
  })

  it.each([20, 22, 24])(
    'measures a server, and checks the report, on Node %d',
    async (major) => {
      const node = await nodeOf(major)
      expect((await run(project, node, '--version')).stdout).toMatch(new RegExp(`^v${major}\\.`))
      const exp = (...args: readonly string[]) => run(project, node, main, ...args)
      const name = `node-${major}`
      const what = ['--model', 'qwen3:0.6b', '--on', server.url, '--vary', 'num_ctx=512,1024']
      await exp('init', name, ...what, '--duration', '100ms', '--rounds', '2')
      const file = `experiments/${name}.yaml`
      expect((await exp('run', file, '--yes')).stdout).toContain(`reports/${name}/README.md`)
      expect((await exp('check')).stdout).toContain('✓')
    },
    3 * minute,
  )

  it(
    'gives other programs typed data, as the README shows',
    async () => {
      const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(readFileSync('README.md', 'utf8')) ?? []
      cpSync(join(golden, 'experiment.yaml'), join(project, 'experiments/rounds.yaml'))
      cpSync(join(golden, 'results'), join(project, 'reports/rounds/results'), { recursive: true })
      writeFileSync(join(project, 'read.mts'), program)
      const lib = ['es2023', 'dom']
      const compilerOptions = { strict: true, module: 'nodenext', target: 'es2023', types: [], lib }
      writeFileSync(
        join(project, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['read.mts'] }),
      )
      await run(project, process.execPath, join(repository, 'node_modules/typescript/bin/tsc'))
      const { stdout } = await run(project, process.execPath, 'read.mjs')
      expect(stdout).toMatch(/^rounds \[/m)
      expect(stdout).toContain("verdict: '")
    },
    2 * minute,
  )

  it(
    'says which command adds the embedded engine, and runs it once it is added',
    async () => {
      mkdirSync(join(folder, 'demo/experiments'), { recursive: true })
      const file = join(folder, 'demo/experiments/slots.yaml')
      writeFileSync(file, smallExperiment({ requests: 3 }))
      const exp = (...args: readonly string[]) =>
        run(join(folder, 'demo'), process.execPath, main, ...args)
      await expect(exp('run', file)).rejects.toMatchObject({
        code: 3,
        stderr: expect.stringContaining('`exp engine add` downloads it') as string,
      })
      const { stdout, stderr } = await exp('engine', 'add')
      expect(stdout).toMatch(/^added the embedded engine: \d+ MB in /)
      expect(stderr).not.toMatch(/warn|gyp|cmake/i)
      const total = sizeOf(join(project, 'node_modules')) + sizeOf(env.XDG_CACHE_HOME)
      expect(total / megabyte).toBeLessThan(150)
      expect((await exp('run', file, '--yes')).stdout).toContain('reports/slots/README.md')
      expect((await exp('check')).stdout).toContain('✓')
    },
    5 * minute,
  )
})
