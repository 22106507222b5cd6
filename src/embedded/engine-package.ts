/**
 * The packages of the embedded engine: llama.cpp and its binding to Node. They are optional: exp does not need them to
 * measure Ollama. They are in `node_modules`, as in exp's own repository, or in the user's cache folder, where `exp
 * engine add` puts them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseJson } from '../json/json.ts'
import { cacheFolder } from '../files/cache-folder.ts'
import { weightsHint, weightsProblem } from './weights-file.ts'

/** The binding and its version. The stored results of demos refer to this version, so any other one is not used. */
export const binding = { name: 'node-llama-cpp', version: '3.21.1' } as const

const mainFile = 'dist/index.js'

/** By `process.platform` and `process.arch`. */
const buildPackages: Readonly<Record<string, string>> = {
  'linux-x64': '@node-llama-cpp/linux-x64',
  'linux-arm64': '@node-llama-cpp/linux-arm64',
  'darwin-x64': '@node-llama-cpp/mac-x64',
  'darwin-arm64': '@node-llama-cpp/mac-arm64-metal',
}

/** The package with llama.cpp, built for this platform and architecture; undefined if there is no build. */
export function buildPackage(platform: NodeJS.Platform, architecture: string): string | undefined {
  return buildPackages[`${platform}-${architecture}`]
}

/** The folder in which `exp engine add` installs the packages. Its name contains the platform and the architecture. */
export function engineFolder(env: Readonly<Record<string, string | undefined>>): string {
  const build = `${process.platform}-${process.arch}`
  return path.join(cacheFolder(env), `engine-${binding.version}-${build}`)
}

/** The main file of the binding; undefined if it is not installed. */
export function findBinding(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const added = path.join(engineFolder(env), 'node_modules', binding.name, mainFile)
  return installedBinding(import.meta.url) ?? (existsSync(added) ? added : undefined)
}

/**
 * Finds the main file of llama.cpp's binding: looks in `node_modules` beside a module and in the folders above it.
 * Returns undefined if the right version is not installed there.
 * @param from file or URL of the module
 */
export function installedBinding(from: string): string | undefined {
  try {
    const main = createRequire(from).resolve(binding.name)
    const manifest = parseJson(
      readFileSync(path.join(main.slice(0, -mainFile.length), 'package.json'), 'utf8'),
    )
    const isRightVersion =
      typeof manifest === 'object' &&
      manifest !== null &&
      'version' in manifest &&
      manifest.version === binding.version
    return isRightVersion ? main : undefined
  } catch {
    return undefined
  }
}

interface EngineProblem {
  /** A sentence without its full stop. */
  readonly why: string
  /** What to do about it. */
  readonly fix: string
}

/**
 * The reason why the engine cannot start on this machine, or undefined if it can. Does not start it, and writes
 * nothing.
 */
export async function engineProblem(
  env: Readonly<Record<string, string | undefined>>,
): Promise<EngineProblem | undefined> {
  if (findBinding(env) === undefined) return notInstalled(process.platform, process.arch)
  const why = await weightsProblem(cacheFolder(env))
  return why === undefined
    ? undefined
    : { why: `the embedded model's weights cannot be written: ${why}`, fix: weightsHint }
}

/** The problem of a machine on which the engine's packages are missing. */
export function notInstalled(platform: NodeJS.Platform, architecture: string): EngineProblem {
  return buildPackage(platform, architecture) === undefined
    ? {
        why: `the embedded engine is not available for ${platform} on ${architecture}`,
        fix: 'It runs on Linux and macOS, on x64 and arm64. Measure a running server by its URL: `target: {url: "http://HOST:11434"}`.',
      }
    : {
        why: 'the embedded engine is an optional part of exp, and is not installed',
        fix: '`exp engine add` downloads it: 80 MB, nothing is compiled.',
      }
}
