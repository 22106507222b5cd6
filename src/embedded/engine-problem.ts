/** Why the embedded engine cannot start on this machine, found without starting it. */
import { buildPackage, findBinding } from './engine-package.ts'
import { cacheFolder, weightsHint, weightsProblem } from './weights-file.ts'

export interface EngineProblem {
  /** A sentence without its full stop. */
  readonly why: string
  /** What to do about it. */
  readonly fix: string
}

/** Undefined if nothing speaks against the start. Writes nothing. */
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
