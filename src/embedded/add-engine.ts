/** Installs the packages of the embedded engine with npm into the user's cache folder. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { writeError } from '../files/write-files.ts'
import { binding, buildPackage, engineFolder, notInstalled } from './engine-package.ts'

/** Runs a program in a folder. Rejects with its output if it fails. */
export type RunIn = (folder: string, file: string, args: readonly string[]) => Promise<unknown>

/**
 * `--omit=optional` leaves out the builds for other machines and for CUDA and Vulkan, several hundred megabytes.
 * `--ignore-scripts` skips the install script, which would only search for a build, or compile one.
 */
const npmArguments = [
  'install',
  '--omit=optional',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--loglevel=error',
]

/**
 * Installs the packages, and replaces those of an earlier call. They are complete before they get their final name, so
 * an interrupted download leaves no incomplete engine.
 * @returns the folder
 * @throws ExpError `environment` if there is no build for this machine, or if npm fails
 */
export async function addEngine(
  env: Readonly<Record<string, string | undefined>>,
  run: RunIn,
): Promise<string> {
  const build = buildPackage(process.platform, process.arch)
  if (build === undefined) {
    const { why, fix } = notInstalled(process.platform, process.arch)
    throw new ExpError('environment', why, fix)
  }
  const folder = engineFolder(env)
  const unfinished = await newFolderBeside(folder)
  try {
    const dependencies = { [binding.name]: binding.version, [build]: binding.version }
    const manifest = { private: true, dependencies }
    await writeFile(path.join(unfinished, 'package.json'), `${JSON.stringify(manifest)}\n`)
    await install(unfinished, env, run)
    await rm(folder, { recursive: true, force: true })
    await rename(unfinished, folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return folder
}

async function newFolderBeside(folder: string): Promise<string> {
  try {
    await mkdir(path.dirname(folder), { recursive: true })
    return await mkdtemp(`${folder}.`)
  } catch (error) {
    throw writeError(path.dirname(folder), error)
  }
}

async function install(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  run: RunIn,
): Promise<void> {
  const [file, ...args] = npmCommand(env)
  try {
    await run(folder, file, [...args, ...npmArguments])
  } catch (error) {
    throw new ExpError(
      'environment',
      `npm could not install the embedded engine: ${error instanceof Error ? error.message : String(error)}`,
      'npm 9 or later and a package registry are needed. Fix this, then run `exp engine add` again.',
    )
  }
}

/** The npm that started exp, if one did; else the installed one. */
function npmCommand(
  env: Readonly<Record<string, string | undefined>>,
): readonly [string, ...string[]] {
  const caller = env['npm_execpath']
  return caller !== undefined && path.basename(caller) === 'npm-cli.js'
    ? [process.execPath, caller]
    : ['npm']
}
