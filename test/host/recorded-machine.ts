/** Access to a machine that exists only as recorded files and command output. */
import { CommandFailure } from '../../src/host/command.ts'
import type { MachineTools } from '../../src/host/machine-tools.ts'

export interface RecordedMachine {
  readonly platform: NodeJS.Platform
  readonly architecture?: string
  readonly files?: Readonly<Record<string, string>>
  /** From command line to its output. */
  readonly commands?: Readonly<Record<string, string>>
}

export function recordedTools(machine: RecordedMachine): MachineTools {
  const files = machine.files ?? {}
  return {
    platform: machine.platform,
    architecture: machine.architecture ?? 'x86_64',
    kernel: '6.1.0-40-amd64',
    cpuCount: 8,
    readText: (path) => {
      const text = files[path]
      return text === undefined
        ? Promise.reject(new Error(`${path} cannot be read`))
        : Promise.resolve(text)
    },
    list: (folder) => {
      const below = Object.keys(files).filter((path) => path.startsWith(`${folder}/`))
      const names = below.map((path) => path.slice(folder.length + 1).split('/')[0] ?? '')
      return Promise.resolve([...new Set(names)].sort())
    },
    run: (file, args) => {
      const text = machine.commands?.[[file, ...args].join(' ')]
      return text === undefined
        ? Promise.reject(new CommandFailure('not-installed', `\`${file}\` is not installed`))
        : Promise.resolve(text)
    },
  }
}
