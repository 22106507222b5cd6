/**
 * The engine that a config's containers run on: that of this machine, or the one that a Docker context of the user
 * names. Docker's own transport carries the commands; this file finds out where published ports can be reached.
 */
import { lookup } from 'node:dns/promises'
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { isLoopback } from '../evidence/local-server-log.ts'
import { parseSshUrl, runOverSsh, type SshDestination } from '../remote/ssh.ts'
import type { ServerMachine } from '../target.ts'
import { contextName, contextPattern } from './context-name.ts'
import { Docker } from './docker-cli.ts'
import { engineMachineId } from './engine-machine.ts'

export interface DockerEngine {
  readonly docker: Docker
  /** Absent if the engine is on this machine. */
  readonly remote?: RemoteEngine
}

export interface RemoteEngine {
  readonly machine: ServerMachine
  readonly access: EngineAccess
}

/** How requests reach a published port of another machine. */
export type EngineAccess =
  | { readonly kind: 'ssh'; readonly destination: SshDestination }
  /** An address of that machine, at which its containers publish their port. */
  | { readonly kind: 'tcp'; readonly address: string }

const inspectedContext = z
  .tuple([z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) })])
  .transform(([context]) => context.Endpoints.docker.Host)

/** Throws `ExpError` if there is no such context, or if its engine cannot be reached. */
export async function findEngine(
  context: string | undefined,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<DockerEngine> {
  if (context === undefined) return { docker: new Docker(tools) }
  assertContextName(context)
  const host = await new Docker(tools).json(['context', 'inspect', context], inspectedContext, {
    signal,
  })
  const docker = new Docker(tools, context)
  const access = await accessOf(host, context, tools, signal)
  if (access === undefined) return { docker }
  const id = await engineMachineId(docker, signal)
  return { docker, remote: { access, machine: { id, name: context, via: access.kind } } }
}

function assertContextName(name: string): void {
  if (!contextPattern.test(name))
    throw new ExpError(
      'environment',
      `\`${name.replace(/\p{Cc}+/gu, ' ').slice(0, 100)}\` cannot be the name of a Docker context`,
      '`docker context ls` lists the names',
    )
}

/** Undefined if the engine is on this machine. Checks that `ssh` connects, because `docker` would ask for a password. */
async function accessOf(
  host: string,
  context: string,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<EngineAccess | undefined> {
  const [, scheme = ''] = /^([a-z]+):\/\//.exec(host) ?? []
  if (scheme === 'unix' || scheme === 'npipe') return undefined
  const name = contextName(context)
  if (scheme === 'ssh') {
    const destination = parseSshUrl(host, name)
    await runOverSsh(destination, 'true', tools, { signal })
    return { kind: 'ssh', destination }
  }
  if (!/^(?:tcp|https?)$/.test(scheme) || !URL.canParse(host))
    throw new ExpError(
      'environment',
      `exp cannot reach the ports of ${name}`,
      'use a context whose endpoint begins with `ssh://`, `tcp://` or `unix://`',
    )
  const { hostname } = new URL(host.replace(/^tcp:/, 'http:'))
  if (isLoopback(hostname)) return undefined
  try {
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''))
    return { kind: 'tcp', address }
  } catch {
    throw new ExpError('environment', `the host of ${name} cannot be resolved`)
  }
}
