/** An `ollama serve` on another machine: one `ssh` runs it, and another one forwards a port to it. */
import { ExpError } from '../../errors/exp-error.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { OllamaClient } from '../../ollama/client.ts'
import type { MissingModel } from '../../ollama/api-connection.ts'
import { listeningPort } from '../evidence/local-server-log.ts'
import {
  ownedServerName,
  probeTimeoutMs,
  waitUntilReady,
  withLog,
  type OwnedServer,
} from '../owned-server/owned-server.ts'
import { ServerProcess } from '../process/server-process.ts'
import { quietSshArguments, runOverSsh, shCommand, type SshDestination } from '../remote/ssh.ts'
import { SshTunnel } from '../remote/ssh-tunnel.ts'
import {
  heartbeat,
  heartbeatMs,
  isScriptLine,
  noModels,
  noProgram,
  serveInput,
  serverEnded,
  serveScript,
} from './serve-script.ts'

export interface RemoteLaunch {
  readonly destination: SshDestination
  /** The variables of the server. */
  readonly env: Readonly<Record<string, string>>
  /** True if models may be missing, because they will be downloaded. */
  readonly pull: boolean
  /** The message for a missing model. */
  readonly missingModel: (model: string) => MissingModel
  /** A model of the config, for the message if the machine has no models at all. */
  readonly model: string
}

export interface RemoteServerDependencies {
  readonly tools: MachineTools
  /** The environment of this process, which `ssh` gets. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that records started servers and keeps logs. */
  readonly stateFolder: string
}

/** GPU discovery may take 30 s, and longer on a slow disk. */
const readyWithinMs = 120_000

/** Starts the server and waits until it answers. Throws `ExpError` if it does not, or if the connection fails. */
export async function startRemoteServer(
  launch: RemoteLaunch,
  { tools, env, stateFolder }: RemoteServerDependencies,
  signal: AbortSignal,
): Promise<OwnedServer> {
  const { destination } = launch
  const process = await ServerProcess.start(
    {
      file: 'ssh',
      args: quietSshArguments(destination, shCommand(serveScript)),
      env: defined(env),
      name: `ssh ${destination.host}`,
      // Ollama takes a free port, and its log says which. Without NOPRUNE, a server that starts removes files of the
      // user's store that it considers unused.
      input: serveInput(
        { ...launch.env, OLLAMA_HOST: '127.0.0.1:0', OLLAMA_NOPRUNE: '1' },
        launch.pull,
      ),
    },
    stateFolder,
    tools,
  )
  const heartbeats = setInterval(() => process.input?.write(heartbeat), heartbeatMs).unref()
  const session: Session = {
    process,
    destination,
    stop: async () => {
      clearInterval(heartbeats)
      await process.end()
    },
  }
  try {
    const port = await remotePort(session, launch, tools, signal)
    const tunnel = await SshTunnel.open(destination, port, signal)
    return await answeringServer(session, tunnel, launch, signal)
  } catch (error) {
    const log = await serverLog(session)
    await session.stop()
    throw withLog(error, log)
  }
}

/** The `ssh` connection that runs the server. */
interface Session {
  readonly process: ServerProcess
  readonly destination: SshDestination
  readonly stop: () => Promise<void>
}

/** Waits until the log names the port. */
async function remotePort(
  session: Session,
  { destination, missingModel, model }: RemoteLaunch,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<number> {
  const read = async () => {
    const port = listeningPort(await session.process.log())
    if (port === undefined) throw new Error('not yet')
    return Number(port)
  }
  try {
    return await waitUntilReady(read, () => exitReason(session), readyWithinMs, signal)
  } catch (error) {
    signal.throwIfAborted()
    const printed = (await session.process.log()).split('\n')
    if (printed.includes(noProgram)) throw noOllama(destination)
    if (printed.includes(noModels)) {
      const { message, hint } = missingModel(model)
      throw new ExpError('environment', message, hint)
    }
    // If the connection still fails, this throws an error with the reason.
    if (!printed.some(isScriptLine)) await runOverSsh(destination, 'true', tools, { signal })
    throw error
  }
}

async function answeringServer(
  session: Session,
  tunnel: SshTunnel,
  { missingModel }: RemoteLaunch,
  signal: AbortSignal,
): Promise<OwnedServer> {
  const url = `http://127.0.0.1:${tunnel.port}`
  const client = new OllamaClient({ baseUrl: url, name: ownedServerName, missingModel })
  const stop = async () => {
    await client.close()
    await tunnel.close()
    await session.stop()
  }
  const reason = async () => tunnel.lost ?? (await exitReason(session))
  try {
    const probe = () => client.version({ signal, timeoutMs: probeTimeoutMs })
    await waitUntilReady(probe, reason, readyWithinMs, signal)
  } catch (error) {
    await client.close()
    await tunnel.close()
    throw error
  }
  return {
    url,
    client,
    processes: { kind: 'unknown', why: 'the server is on another machine', isLocal: false },
    tail: session.process.tail,
    log: () => serverLog(session),
    exitReason: reason,
    stop,
  }
}

/** Why the server no longer runs: it ended, or the connection did. */
async function exitReason({ process, destination }: Session): Promise<string | undefined> {
  if (process.exit === undefined) return undefined
  const code = new RegExp(`^${serverEnded}(\\d+)$`, 'm').exec(await process.log())?.[1]
  return code === undefined
    ? `the connection to ${destination.name} was lost`
    : `\`ollama serve\` on ${destination.name} ended (exit code ${code})`
}

async function serverLog({ process }: Session): Promise<string> {
  const lines = (await process.log()).split('\n')
  return lines.filter((line) => !isScriptLine(line)).join('\n')
}

export function noOllama({ name }: SshDestination): ExpError {
  return new ExpError(
    'environment',
    `${name} has no \`ollama\``,
    'install it there from https://ollama.com/download',
  )
}

function defined(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) if (value !== undefined) values[name] = value
  return values
}
