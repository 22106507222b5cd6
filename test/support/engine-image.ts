/**
 * A container image of the embedded engine, built from local files only: Node and its libraries, the built engine and
 * its weights, packed with tar and loaded by `docker import`.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensureWeights } from '../../src/embedded/weights-file.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))

/** True if a Docker engine answers. Throws in CI if there is none. */
export async function hasDocker(): Promise<boolean> {
  try {
    await run('docker', ['version', '--format={{.Server.Version}}'])
    return true
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    return false
  }
}

/**
 * Creates the image under this name. Like the official one, it accepts `serve`.
 * @param engine the address of the engine; by default that of this machine
 */
export async function importEngineImage(name: string, engine?: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-image-'))
  try {
    const files = join(folder, 'files')
    await copyProgram(process.execPath, join(files, 'bin/node'), files)
    const cat = await realpath('/bin/cat')
    await copyProgram(cat, join(files, 'bin/cat'), files)
    await copyModules(files)
    await cp(join(root, 'dist'), join(files, 'app/dist'), { recursive: true })
    await cp(join(root, 'package.json'), join(files, 'app/package.json'))
    const weights = await ensureWeights(join(homedir(), '.cache/exp-notebook'))
    await cp(
      weights,
      join(files, 'root/.cache/exp-notebook', weights.slice(dirname(weights).length)),
    )
    await importImage(folder, name, ['/bin/node', '/app/dist/embedded/main.js'], engine)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Creates an image of a real Ollama under this name, from the program alone. */
export async function importOllamaImage(
  program: string,
  name: string,
  engine?: string,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-image-'))
  try {
    const files = join(folder, 'files')
    await copyProgram(program, join(files, 'bin/ollama'), files)
    const cat = await realpath('/bin/cat')
    await copyProgram(cat, join(files, 'bin/cat'), files)
    await mkdir(join(files, 'root'))
    await importImage(folder, name, ['/bin/ollama'], engine)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Imports `folder/files` as an image. Like the official one of Ollama, it accepts `serve`. */
async function importImage(
  folder: string,
  name: string,
  entrypoint: readonly string[],
  engine?: string,
): Promise<void> {
  const files = join(folder, 'files')
  await mkdir(join(files, 'tmp'))
  await run('tar', ['--create', `--file=${folder}/image.tar`, `--directory=${files}`, '.'])
  const args = [
    'import',
    `--change=ENTRYPOINT ${JSON.stringify(entrypoint)}`,
    '--change=CMD ["serve"]',
    '--change=ENV PATH=/bin HOME=/root OLLAMA_HOST=0.0.0.0:11434',
    `${folder}/image.tar`,
    name,
  ]
  const env = { ...process.env, ...(engine !== undefined && { DOCKER_HOST: engine }) }
  await run('docker', args, { env })
}

/** Copies a program and the shared libraries that it is linked with. */
async function copyProgram(program: string, to: string, files: string): Promise<void> {
  await cp(program, to, { dereference: true })
  await copyLibraries(program, files)
}

async function copyLibraries(program: string, files: string): Promise<void> {
  const { stdout } = await run('ldd', [program])
  for (const [, library] of stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm))
    if (library !== undefined && !library.startsWith(root))
      await cp(library, join(files, library), { dereference: true })
}

/** The folders of node-llama-cpp, zod and their dependencies, with only the build of llama.cpp for this machine. */
async function copyModules(files: string): Promise<void> {
  const found = new Set<string>()
  for (const name of ['node-llama-cpp', 'zod']) await closure(name, root, found)
  const native = `@node-llama-cpp/linux-${process.arch}`
  for (const folder of found) {
    const isOtherBuild = folder.includes('@node-llama-cpp/') && !folder.endsWith(native)
    if (!isOtherBuild)
      await cp(folder, join(files, 'app', folder.slice(root.length)), { recursive: true })
  }
  const builds = join(root, 'node_modules', native, 'bins')
  for (const file of await readdir(builds, { recursive: true }))
    if (/\.(so|node)(\.|$)/.test(file)) await copyLibraries(join(builds, file), files)
}

async function closure(name: string, from: string, found: Set<string>): Promise<void> {
  let folder = from
  while (!existsSync(join(folder, 'node_modules', name, 'package.json'))) {
    if (folder === dirname(folder)) return // an optional dependency that is not installed here
    folder = dirname(folder)
  }
  const module = join(folder, 'node_modules', name)
  if (found.has(module)) return
  found.add(module)
  const manifest = JSON.parse(await readFile(join(module, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >
  const needs = { ...manifest['dependencies'], ...manifest['optionalDependencies'] }
  for (const need of Object.keys(needs)) await closure(need, module, found)
}
