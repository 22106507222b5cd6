/** Finds the log of an Ollama that is already running on this machine, by the port that it listens on. */
import { homedir, hostname as machineName, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { MachineTools } from '../../host/machine-tools.ts'
import { tailFile, tailJournal } from './log-file.ts'
import type { Tail } from './log-file.ts'
import { parseGoMap } from '../../ollama/runner-command.ts'
import { ServerLog } from '../../ollama/server-log.ts'

/** The log files of Ollama's app and of Homebrew's service; on other systems the log is in systemd's journal. */
const logFiles: readonly string[] = [
  join(homedir(), '.ollama/logs/server.log'),
  '/opt/homebrew/var/log/ollama.log',
  '/usr/local/var/log/ollama.log',
]

export type FoundLog =
  | { readonly found: false; readonly why: string }
  | {
      readonly found: true
      /**
       * Reads the existing lines for their settings. Events are counted only in later lines.
       * @param modelFile the name of the measured model's file, if the server names it
       * @param otherFiles the file names of other models that the trial requests
       */
      begin(modelFile: string | undefined, otherFiles: readonly string[]): Promise<void>
      /** The log including new lines. */
      read(): Promise<ServerLog>
    }

/** Looks for the log of the server at a URL; never throws. */
export type LocalServerLog = (url: string) => Promise<FoundLog>

export function localServerLog(tools: MachineTools, paths = logFiles): LocalServerLog {
  return async (url) => {
    const { hostname, port, protocol } = new URL(url)
    if (!isThisMachine(hostname))
      return {
        found: false,
        why: 'the address of the server is not one of this machine, so its log was not looked for',
      }
    const serverPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port
    for (const tail of tails(tools, paths)) {
      const text = await tail().catch(() => '')
      if (listeningPort(text) === serverPort) return follow(text, tail)
    }
    return {
      found: false,
      why: `no log of a server on port ${serverPort} was found on this machine`,
    }
  }
}

/** The variables of the Ollama that was started last on this machine, according to its log; empty if there is none. */
export async function runningVariables(
  tools: MachineTools,
  paths = logFiles,
): Promise<ReadonlyMap<string, string>> {
  for (const tail of tails(tools, paths)) {
    const text = await tail().catch(() => '')
    const config = [...text.matchAll(/server config"? env="?(map\[.*\])/g)].at(-1)?.[1]
    if (config !== undefined) return parseGoMap(config)
  }
  return new Map()
}

/** The model store of the Ollama that was started last on this machine, according to its log. */
export async function runningStore(
  tools: MachineTools,
  paths = logFiles,
): Promise<string | undefined> {
  const store = (await runningVariables(tools, paths)).get('OLLAMA_MODELS')
  return store === '' ? undefined : store
}

function tails(tools: MachineTools, paths: readonly string[]): readonly Tail[] {
  const journal = tools.platform === 'linux' ? [tailJournal('ollama', tools.run)] : []
  return [...paths.map((path) => tailFile(path)), ...journal]
}

function follow(text: string, tail: Tail): FoundLog {
  const log = new ServerLog()
  log.readText(text)
  const read = async () => {
    log.readText(await tail().catch(() => ''))
    return log
  }
  return {
    found: true,
    begin: async (modelFile, otherFiles) => (await read()).startCounting(modelFile, otherFiles),
    read,
  }
}

/** True if the address always means this machine. @param hostname as written in a URL */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|\[::1?\]|0\.0\.0\.0|127(?:\.\d+){3})$/.test(hostname)
}

/** True for a loopback address, an address of a network interface of this machine, and its own name. */
function isThisMachine(name: string): boolean {
  const address = name.replace(/^\[|\]$/g, '')
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const host = machineName().toLowerCase()
  return (
    isLoopback(name) ||
    interfaces.some((each) => each.address === address) ||
    [host, `${host}.local`].includes(name)
  )
}

/** The port that a server listens on, according to its log; the last one if several servers wrote the log. */
export function listeningPort(text: string): string | undefined {
  return [...text.matchAll(/Listening on \S*:(\d+) \(version/g)].at(-1)?.[1]
}
