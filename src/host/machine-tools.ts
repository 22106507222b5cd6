/** Access to this machine: files, programs and a few constants. Tests pass recorded answers instead. */
import { readFile, readdir } from 'node:fs/promises'
import { availableParallelism, machine, release, homedir } from 'node:os'
import { z } from 'zod'
import { runCommand, type RunCommand } from './command.ts'
import { join } from 'node:path'

export interface MachineTools {
  readonly platform: NodeJS.Platform
  /** As `uname -m` prints it: `x86_64`, `arm64`, `aarch64`. */
  readonly architecture: string
  /** The release of the kernel: `6.1.0-40-amd64`. */
  readonly kernel: string
  /** Logical CPUs that this process may use. */
  readonly cpuCount: number
  /** Throws if the file cannot be read. */
  readText(path: string): Promise<string>
  /** The names in a folder, sorted; empty if the folder does not exist. */
  list(path: string): Promise<readonly string[]>
  readonly run: RunCommand
}

export function systemTools(): MachineTools {
  return {
    platform: process.platform,
    architecture: machine(),
    kernel: release(),
    cpuCount: availableParallelism(),
    readText: async (path) => {
      try {
        return await readFile(path, 'utf8')
      } catch {
        throw new Error(`${path} cannot be read`)
      }
    },
    list: async (path) => (await readdir(path).catch(() => [])).sort(),
    run: runCommand,
  }
}

/** @param env the environment, whose `XDG_STATE_HOME` is used if it is an absolute path */
export function stateFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  const chosen = env['XDG_STATE_HOME']
  if (chosen?.startsWith('/')) return join(chosen, 'exp')
  if (platform === 'darwin') return join(homedir(), 'Library/Application Support/exp')
  return join(homedir(), '.local/state/exp')
}

const reportSchema = z.object({
  userLimits: z.object({ open_files: z.object({ soft: z.number() }) }),
})

/** How many files and connections this process may have open at once. Undefined for no limit, or if it is not known. */
export function openFileLimit(): number | undefined {
  // prevents the report from looking up network names, which is slow
  Object.assign(process.report, { excludeNetwork: true })
  const { data } = reportSchema.safeParse(process.report.getReport())
  return data?.userLimits.open_files.soft
}
