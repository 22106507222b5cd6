/** The readers through which facts about a machine are had; tests pass recorded ones. */
import { readFile, readdir } from 'node:fs/promises'
import { availableParallelism, machine, release } from 'node:os'
import { runCommand } from './command.ts'
import type { RunCommand } from './command.ts'

export interface MachineTools {
  readonly platform: NodeJS.Platform
  /** As `uname -m` has it: `x86_64`, `arm64`, `aarch64`. */
  readonly architecture: string
  /** Release of the kernel. */
  readonly kernel: string
  /** Logical CPUs that this process may use. */
  readonly cpuCount: number
  /** Throws where the file cannot be read. */
  readText(path: string): Promise<string>
  /** Names in a folder, sorted; empty where there is no such folder. */
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
