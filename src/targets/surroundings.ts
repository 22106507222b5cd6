/** What else is on this machine that a measurement would feel; told in preflight, changed by nobody but people. */
import { statfs } from 'node:fs/promises'
import { machineWarnings } from '../host/facts/machine-warnings.ts'
import { readMachine } from '../host/facts/machine.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import type { Environment } from './url/headers.ts'
import { findNeighbours } from './neighbours.ts'

export interface Surroundings {
  readonly tools: MachineTools
  readonly env: Environment
  /** Where results are written. */
  readonly folder: string
}

/**
 * Sentences for people, each with what to do. Never throws for what cannot be known.
 * @param measured address of the server that is measured, where it is there already
 */
export async function surroundings(
  { tools, env, folder }: Surroundings,
  measured: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [readings, neighbours, free] = await Promise.all([
    readMachine(tools),
    findNeighbours(env, measured, signal),
    freeBytes(folder),
  ])
  return [
    ...neighbours.map(
      ({ model, url, sizeBytes, unload }) =>
        `\`${model}\` (${(sizeBytes / 1e9).toFixed(1)} GB) is loaded in the Ollama at ${url}; to unload: \`${unload}\``,
    ),
    ...machineWarnings(readings, free).map(({ message: what, fix }) => `${what}; ${fix}`),
  ]
}

function freeBytes(folder: string): Promise<number | undefined> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  )
}
