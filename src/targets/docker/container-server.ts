/** Connects to the server in a container, and waits until it answers. */
import { ExpError } from '../../errors/exp-error.ts'
import { OllamaClient } from '../../ollama/client.ts'
import {
  ownedServerName,
  probeTimeoutMs,
  waitUntilReady,
  type OwnedServer,
} from '../owned-server/owned-server.ts'
import { SshTunnel } from '../remote/ssh-tunnel.ts'
import { missingInContainer } from './container-image.ts'
import type { Container } from './container.ts'
import { hostInUrl, serverPort, type DockerSettings } from './create-arguments.ts'
import type { DockerEngine } from './engine.ts'
import { publishedPort } from './inspection.ts'

const readyWithinMs = 120_000

/** @param logFile where `stop` saves the log before it removes the container */
export async function readyServer(
  container: Container,
  { docker, remote }: DockerEngine,
  settings: DockerSettings,
  logFile: string,
  signal: AbortSignal,
): Promise<Omit<OwnedServer, 'processes'>> {
  const { url, tunnel } = await reach(container, remote, signal)
  const client = new OllamaClient({
    baseUrl: url,
    name: ownedServerName,
    missingModel: (model) => missingInContainer(docker, settings, model),
  })
  const close = async () => {
    await client.close()
    await tunnel?.close()
  }
  const whileConnected = async (read: () => Promise<string>) => {
    if (tunnel?.lost !== undefined) throw new ExpError('environment', tunnel.lost)
    return read()
  }
  const server = {
    url,
    client,
    tail: () => whileConnected(() => container.newLog()),
    log: () => whileConnected(() => container.log()),
    exitReason: async () => tunnel?.lost ?? (await exitReasonOf(container, remote !== undefined)),
    stop: async () => {
      const isLost = tunnel?.lost !== undefined
      await close()
      if (!isLost) await container.saveLog(logFile)
      // If the other machine cannot be reached, the next run removes the container.
      if (remote === undefined) await container.remove()
      else await container.remove().catch(() => undefined)
    },
  }
  try {
    const probe = () => client.version({ signal, timeoutMs: probeTimeoutMs })
    await waitUntilReady(probe, server.exitReason, readyWithinMs, signal)
    return server
  } catch (error) {
    await close()
    throw error
  }
}

async function reach(
  container: Container,
  remote: DockerEngine['remote'],
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly tunnel?: SshTunnel }> {
  const port = publishedPort(await container.inspect(), serverPort)
  if (port === undefined)
    throw new ExpError('environment', (await container.exitReason()) ?? 'the container has no port')
  if (remote === undefined) return { url: `http://127.0.0.1:${port}` }
  const { access } = remote
  if (access.kind === 'tcp') return { url: `http://${hostInUrl(access.address)}:${port}` }
  const tunnel = await SshTunnel.open(access.destination, port, signal)
  return { url: `http://127.0.0.1:${tunnel.port}`, tunnel }
}

/** Why the container exited. If its machine no longer answers, that is the reason. */
async function exitReasonOf(container: Container, isRemote: boolean): Promise<string | undefined> {
  try {
    return await container.exitReason()
  } catch (error) {
    if (isRemote && error instanceof ExpError) return error.message
    throw error
  }
}
